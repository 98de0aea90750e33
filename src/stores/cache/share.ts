import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isMissing } from '../../system/file-error.ts';
import { isShared, makeFolder, shareFolder } from '../../system/make-folder.ts';

/** Lets a cache belong to its group, whoever of it began it: each may add, and collect. What belongs to another user is theirs to share. */
export function shareCache(dir: string): void {
  const top = join(dir, 'v1');
  try {
    if (isShared(top)) return;
    makeFolder(top);
    shareFolder(dir);
    const folders = foldersIn(top);
    for (const folder of [...folders, ...folders.flatMap(foldersIn)]) shareFolder(folder);
    // Last, since it says that all of them are.
    shareFolder(top);
  } catch {
    // Who may not write here cannot share it, and may still read.
  }
}

function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
