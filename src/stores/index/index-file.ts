import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import { fileError, isMissing } from '../../system/file-error.ts';
import { decodeIndex, encodeIndex, type IndexContent } from './encoding.ts';

/** What an index file says; undefined when it is not there, cannot be read, or is damaged. */
export function readIndex(file: string): IndexContent | undefined {
  try {
    return decodeIndex(readFileSync(file));
  } catch (error) {
    if (isMissing(error) || fileError(error, 'read') instanceof MlopsError) return undefined;
    throw error;
  }
}

/** Each save makes a new file, so its inode and time tell one version from the next. */
export function versionOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
}

/** Writes an index whole or not at all. False when that failed: without it the next command is slower and not wrong. */
export function writeIndex(
  file: string,
  tracked: readonly string[],
  blocks: readonly Uint8Array[],
  tmp: string,
): boolean {
  const temporary = join(tmp, `index.${randomUUID()}`);
  try {
    mkdirSync(tmp, { recursive: true });
    writeFileSync(temporary, encodeIndex(tracked, blocks));
    renameSync(temporary, file);
    return true;
  } catch (error) {
    if (!(fileError(error, 'save') instanceof MlopsError)) throw error;
    return false;
  } finally {
    rmSync(temporary, { force: true });
  }
}
