import type { Digest } from '../../core/digest.ts';
import type { EntryKind } from '../../core/tree.ts';
import type { FileStat, IndexRow } from './folder-block.ts';

/** What is remembered of a file. */
export function rowOf(stat: FileStat, digest: Digest, racy: boolean, kind: EntryKind | null = null): IndexRow {
  return { mtime: stat.mtimeMs, ctime: stat.ctimeMs, size: stat.size, ino: stat.ino, digest, racy, kind };
}

/** Whether a file is what it was, as far as that can be told without reading it. */
export function isUnchanged(row: IndexRow, { mtimeMs, ctimeMs, size, ino }: FileStat): boolean {
  return row.size === size && row.mtime === mtimeMs && row.ctime === ctimeMs && row.ino === ino;
}

/** Whether somebody wrote to a file since, whatever it holds now. Another name of the same file changes no more than its ctime. */
export function isRewritten(row: IndexRow | undefined, { mtimeMs, ctimeMs, size, ino, nlink }: FileStat): boolean {
  if (row === undefined) return false;
  return row.size !== size || row.mtime !== mtimeMs || row.ino !== ino || (row.ctime !== ctimeMs && nlink === 1);
}
