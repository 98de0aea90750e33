import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { MlopsError } from '../core/errors.ts';
import { LOCKFILE, PIPELINE_FILE, STATE_FOLDER } from './layout.ts';

/** The root of the project that a folder lies in, or null. Any of the tool's files makes a folder a root. */
export function findRoot(folder: string): string | null {
  for (let root = resolve(folder); ; root = dirname(root)) {
    if (isRoot(root)) return root;
    if (root === dirname(root)) return null;
  }
}

/** The same, failing with `no-project` where there is none. */
export function requireRoot(folder: string): string {
  const root = findRoot(folder);
  if (root !== null) return root;
  const absent = !existsSync(folder);
  throw new MlopsError('no-project', absent ? `There is no folder ${folder}.` : `${folder} is not inside a project.`, {
    hint: absent ? 'Name a folder that is there.' : 'mlops init',
  });
}

/** Whether a folder is laid out as a project. */
export function isRoot(folder: string): boolean {
  if (existsSync(join(folder, PIPELINE_FILE)) || existsSync(join(folder, LOCKFILE))) return true;
  return statSync(join(folder, STATE_FOLDER), { throwIfNoEntry: false })?.isDirectory() ?? false;
}
