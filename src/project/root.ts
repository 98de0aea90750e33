import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { MlopsError } from '../core/errors.ts';
import { readTextFile } from '../system/write-file.ts';
import { LOCKFILE, PIPELINE_FILE, STATE_FOLDER } from './layout.ts';

/** The root of the project that a folder lies in, or null. Any of the tool's files makes a folder a root. */
export function findRoot(folder: string): string | null {
  for (let root = resolve(folder); ; root = dirname(root)) {
    if (isRoot(root)) return isIncluded(root) ? (findRoot(dirname(root)) ?? root) : root;
    if (root === dirname(root)) return null;
  }
}

/** Whether a folder has nothing but a `.mlops.yaml` that the project around it includes, and so is a part of that one. */
function isIncluded(folder: string): boolean {
  if (existsSync(join(folder, LOCKFILE)) || isFolder(join(folder, STATE_FOLDER))) return false;
  for (let outer = dirname(folder); outer !== dirname(outer); outer = dirname(outer)) {
    const text = readTextFile(join(outer, PIPELINE_FILE));
    if (text === undefined) continue;
    return (
      /^include\s*:/m.test(text) && text.includes(relative(outer, join(folder, PIPELINE_FILE)).split(sep).join('/'))
    );
  }
  return false;
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
  return isFolder(join(folder, STATE_FOLDER));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
