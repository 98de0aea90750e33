import { statSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import { MlopsError } from '../../core/errors.ts';

/** A path as typed, from the top of a repository and with forward slashes. Fails with `usage` when it leads out of it. */
export function sourcePath(typed: string): string {
  const path = posix.normalize(typed.replaceAll('\\', '/')).replace(/\/$/, '');
  if (path !== '..' && !path.startsWith('../') && !path.startsWith('/')) return path;
  throw new MlopsError('usage', `${typed} leads out of the repository.`, {
    hint: 'Paths start at the top of the repository: data/raw.csv',
  });
}

/** Where something of this name goes: the place that was named, in it when it is a folder, else the current folder. */
export function placeFor(cwd: string, out: string | null, name: string): string {
  const place = resolve(cwd, out ?? '.');
  const isInside =
    out === null || out.endsWith('/') || statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isInside) return place;
  if (name === '' || name === '.')
    throw new MlopsError('usage', 'Say how it is to be called here.', { hint: '-o <path>' });
  return join(place, name);
}
