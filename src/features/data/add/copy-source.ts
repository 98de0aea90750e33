import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { MlopsError } from '../../../core/errors.ts';
import type { Project } from '../../../project/project.ts';
import { fileError } from '../../../system/file-error.ts';
import { lookAt } from '../../../system/list-files.ts';

/** Where what `--out` is to copy really lies. Fails when it cannot be copied, or not to that place: nothing was touched by then. */
export function copySource({ cwd, layout }: Project, from: string, target: string): string {
  const absolute = resolve(cwd, from);
  if (lookAt(absolute) === undefined) throw new MlopsError('usage', `There is no ${from}.`);
  try {
    if (statSync(absolute, { throwIfNoEntry: false }) === undefined) {
      throw new MlopsError('usage', `${from} is a symbolic link to nothing that is there.`);
    }
    const source = realpathSync(absolute);
    if (isWithin(layout.tmp, source)) {
      throw new MlopsError('usage', `${from} holds the project, which cannot be copied into itself.`, {
        hint: 'Name a folder or file in it.',
      });
    }
    if (source !== target && isWithin(source, target)) {
      throw new MlopsError('usage', `${from} lies in the place that it is to be copied to.`);
    }
    const special = isPlain(statSync(source)) ? firstInside(source, (entry) => !isPlain(entry)) : source;
    if (special === undefined) return source;
    throw new MlopsError('usage', `${special} is no file, folder or link, and cannot be copied.`, {
      hint: 'Remove it, or copy the rest by hand.',
    });
  } catch (error) {
    throw fileError(error, `read ${from}`);
  }
}

/** The first path beneath a folder that a test finds; links are not followed. */
export function firstInside(folder: string, test: (entry: Dirent) => boolean): string | undefined {
  if (lookAt(folder)?.isDirectory() !== true) return undefined;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (test(entry)) return path;
    const found = entry.isDirectory() ? firstInside(path, test) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function isPlain(entry: Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): boolean {
  return entry.isFile() || entry.isDirectory() || entry.isSymbolicLink();
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`);
}
