import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { mergeLockfiles } from '../../core/merge.ts';
import { LOCKFILE } from '../../project/layout.ts';
import { encodeMerged, parseSide } from '../../stores/documents/conflicted-lockfile.ts';
import { fileError } from '../../system/file-error.ts';
import { writeFile } from '../../system/write-file.ts';
import { type MergeResult, sameText, told } from './merge.ts';

/** Merges three files as Git hands them to a merge driver: what comes out is written into ours. */
export function mergeThree(cwd: string, paths: { base: string; ours: string; theirs: string }): MergeResult {
  const side = (path: string) => parseSide(read(resolve(cwd, path)), LOCKFILE);
  const sides = { base: side(paths.base), ours: side(paths.ours), theirs: side(paths.theirs) };
  const merged = mergeLockfiles(sides, sameText);
  const result = resolve(cwd, paths.ours);
  writeFile(result, encodeMerged(merged), dirname(result));
  return { file: paths.ours, changed: true, settled: [], conflicts: merged.conflicts.map(told) };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw fileError(error, `read ${path}`);
  }
}
