import { lstatSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../../../core/errors.ts';
import { foldersAbove } from '../../../core/overlap.ts';

/** The folders around paths that have to be made first, each before what lies in it. */
export function missingFolders(root: string, paths: readonly string[]): string[] {
  const folders = new Set(paths.flatMap((path) => foldersAbove(path).toReversed()));
  return [...folders].filter((folder) => !isThere(join(root, folder)));
}

/** Takes away a folder that nobody put anything into. */
export function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) throw error;
  }
}

/** Whether anything is at a path, be it a link to nothing. */
export function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}
