import type { Stats } from 'node:fs';
import type { Digest } from '../../core/digest.ts';
import type { IndexRow } from './encoding.ts';

/** What of a file's state tells whether it changed. */
export type FileStat = Pick<Stats, 'mtimeMs' | 'ctimeMs' | 'size' | 'ino'>;

/** What is remembered of a file. */
export function rowOf({ mtimeMs, ctimeMs, size, ino }: FileStat, digest: Digest, racy: boolean): IndexRow {
  return { mtime: mtimeMs, ctime: ctimeMs, size, ino, digest, racy };
}

/** Whether a file is what it was, as far as that can be told without reading it. */
export function isUnchanged(row: IndexRow, { mtimeMs, ctimeMs, size, ino }: FileStat): boolean {
  return row.size === size && row.mtime === mtimeMs && row.ctime === ctimeMs && row.ino === ino;
}
