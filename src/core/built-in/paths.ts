import { normalize } from 'node:path/posix';
import type { MapReader } from './map-reader.ts';

/** Reads a path of the settings and makes it relative to the root. Null as fallback: the key may be absent or null. */
export interface PathReader {
  (key: string, fallback?: string): string;
  (key: string, fallback: string | null): string | null;
}

/** A reader of paths that start from the stage's `wdir`. A fallback starts from there too. */
export function pathReader(reader: MapReader, wdir: string): PathReader {
  function read(key: string, fallback?: string): string;
  function read(key: string, fallback: string | null): string | null;
  function read(key: string, fallback?: string | null): string | null {
    const raw = reader.raw(key);
    if (fallback === null && (raw === undefined || raw === null)) return null;
    const text = reader.text(key, fallback ?? undefined);
    if (text.includes('\\')) reader.problem(key, `Write the path "${text}" with forward slashes.`);
    return text === '' ? '' : underRoot(text, wdir);
  }
  return read;
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

// Whether a path leaves the root is judged with all other paths of the pipeline; an absolute one is left as it is for that.
function underRoot(path: string, wdir: string): string {
  if (path.startsWith('/')) return path;
  return normalize(`${wdir}/${path}`).replace(/\/$/, '');
}
