import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { mergeLockfiles } from '../../core/merge.ts';
import { LOCKFILE } from '../../project/layout.ts';
import { encodeMerged, parseSide } from '../../stores/documents/conflicted-lockfile.ts';
import { fileError } from '../../system/file-error.ts';
import { writeFile } from '../../system/write-file.ts';
import { type MergeResult, sameText, told } from './merge.ts';

/** Merges three files as Git hands them to a merge driver: what comes out is written into ours. */
export function mergeThree({ base, ours, theirs }: { base: string; ours: string; theirs: string }): MergeResult {
  const texts = [base, ours, theirs].map((path) => parseSide(read(path), LOCKFILE));
  const [before, mine, other] = texts;
  if (before === undefined || mine === undefined || other === undefined)
    throw new Error('Three files have three sides.');
  const merged = mergeLockfiles({ base: before, ours: mine, theirs: other }, sameText);
  writeFile(ours, encodeMerged(merged), dirname(ours));
  return { file: ours, changed: true, settled: [], conflicts: merged.conflicts.map(told) };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw fileError(error, `read ${path}`);
  }
}
