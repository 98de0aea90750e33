import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { Report } from '../../core/event.ts';
import { compareCodePoints } from '../../core/value.ts';
import { withLease } from '../../system/lease.ts';
import { linkAbove } from '../../system/link-above.ts';
import { readTextFile, writeFile } from '../../system/write-file.ts';

/** The part of a project that the `.gitignore` files are changed in. */
export interface IgnorePlace {
  readonly root: string;
  readonly layout: { readonly leases: string; readonly tmp: string };
  readonly waitMilliseconds: number | null;
  readonly report: Report;
  readonly signal: AbortSignal;
}

const OURS = /^\/[^/]+$/;

/**
 * Keeps paths out of Git by an anchored line (`/clean.csv`) in the `.gitignore` beside each. A line that is there already
 * stays; all others are left as they are. Returns the `.gitignore` files that changed, as project paths.
 */
export function ignoreInGit(place: IgnorePlace, paths: readonly string[]): Promise<string[]> {
  return changeEach(place, paths, withLines);
}

/** Takes our lines for the paths away again; a `.gitignore` that is then empty goes too. Returns the files that changed. */
export function unignoreInGit(place: IgnorePlace, paths: readonly string[]): Promise<string[]> {
  return changeEach(place, paths, (text, names) => {
    const gone = new Set(names.map(lineFor));
    return text
      .split('\n')
      .filter((line) => !gone.has(line.replace(/\r$/, '')))
      .join('\n');
  });
}

/** The text of a `.gitignore` with lines for these names: added to the sorted ones at its end, none twice. */
export function withLines(text: string, names: readonly string[]): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const missing = new Set(names.map(lineFor).filter((line) => !lines.includes(line)));
  if (missing.size === 0) return text;

  // Only the lines at the end are put in order: the order of the others may carry meaning.
  let from = lines.length;
  while (from > 0 && OURS.test(lines[from - 1] ?? '')) from--;
  const ours = [...lines.slice(from), ...missing].toSorted(compareCodePoints);
  return [...lines.slice(0, from), ...ours, ''].join(eol);
}

/** The pattern for this name or path, in the folder of the `.gitignore`. A line has no room for a line break: `?` stands for such. */
export function lineFor(name: string): string {
  const text = name.replace(/[\\*?[]/g, '\\$&').replace(/ $/, '\\ ');
  return `/${text.replace(/\p{Cc}/gu, (control) => '?'.repeat(Buffer.byteLength(control)))}`;
}

async function changeEach(
  place: IgnorePlace,
  paths: readonly string[],
  change: (text: string, names: readonly string[]) => string,
): Promise<string[]> {
  const namesByFolder = new Map<string, string[]>();
  for (const path of paths) {
    const folder = posix.dirname(path);
    namesByFolder.set(folder, [...(namesByFolder.get(folder) ?? []), posix.basename(path)]);
  }
  const changed: string[] = [];
  for (const [folder, names] of [...namesByFolder].toSorted(([a], [b]) => compareCodePoints(a, b))) {
    const path = posix.join(folder, '.gitignore');
    const file = join(place.root, path);
    // What lies behind a link is not ours to change.
    if (linkAbove(place.root, path) !== undefined) continue;
    // Most calls find nothing to do, and then need not wait for anyone.
    const text = readTextFile(file) ?? '';
    if (change(text, names) === text) continue;
    const { waitMilliseconds, report, signal, layout } = place;
    const lease = { folder: layout.leases, name: `ignore ${path}`, what: path, waitMilliseconds, report, signal };
    await withLease(lease, () => {
      const before = readTextFile(file) ?? '';
      const after = change(before, names);
      if (after === before) return;
      changed.push(path);
      if (after.trim() === '') return rmSync(file, { force: true });
      mkdirSync(dirname(file), { recursive: true });
      writeFile(file, after, layout.tmp);
    });
  }
  return changed;
}
