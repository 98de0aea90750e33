import { join } from 'node:path';
import { foldersAbove } from '../core/overlap.ts';
import { lookAt } from './list-files.ts';

/** A folder on the way to a project path that is a symbolic link: what lies behind it is not the project's. */
export function linkAbove(root: string, path: string): string | undefined {
  return foldersAbove(path).find((folder) => lookAt(join(root, folder))?.isSymbolicLink() === true);
}
