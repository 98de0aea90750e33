import { MlopsError } from '../../../core/errors.ts';
import type { LockedPath, Lockfile } from '../../../core/lockfile.ts';
import type { TreeEntry } from '../../../core/tree.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import { putTree, readTree } from '../../../stores/cache/trees.ts';
import type { Addition } from '../refuse.ts';

/** A folder with one path in it replaced, or taken out of it: only the trees on the way to it are read and written. */
export function setInside(cache: Cache, folder: LockedPath, path: string, entry: TreeEntry | null): LockedPath {
  const names = path.split('/');
  const set = (entries: readonly TreeEntry[], at: number): readonly TreeEntry[] => {
    const name = names[at] ?? '';
    const others = entries.filter((one) => one.name !== name);
    if (at === names.length - 1) return entry === null ? others : [...others, { ...entry, name }];
    const below = entries.find((one) => one.name === name);
    if (entry === null && below?.kind !== 'tree') return entries;
    const tree = putTree(cache, set(below?.kind === 'tree' ? readTree(cache, below.digest) : [], at + 1));
    return [...others, { name, kind: 'tree', ...tree }];
  };
  return { kind: 'tree', ...putTree(cache, set(readTree(cache, folder.digest), 0)) };
}

/** Fails when a part of a folder cannot be set: its lists are not here, or it is neither in them nor in the workspace. */
export function checkPart(cache: Cache, { data }: Lockfile, { path, top, isGone }: Addition): void {
  const folder = data[top];
  if (path === top || folder === undefined) return;
  let at: TreeEntry = { name: top, kind: 'tree', size: 0, files: 0, digest: folder.digest };
  for (const name of path.slice(top.length + 1).split('/')) {
    if (at.kind === 'tree' && !cache.has(at.digest)) {
      throw new MlopsError('data-missing', `What is in ${top} is not known here, and a part of it cannot be changed.`, {
        hint: (word) => `mlops fetch ${word(top)}`,
      });
    }
    const below = at.kind === 'tree' ? readTree(cache, at.digest).find((entry) => entry.name === name) : undefined;
    if (below === undefined) {
      if (!isGone) return;
      throw new MlopsError('usage', `There is no ${path}, and ${top} has no such part.`, {
        hint: (word) => `mlops ls ${word(top)}`,
      });
    }
    at = below;
  }
}

/** What a folder has at a path; undefined when it has nothing there, or the cache lacks the trees that say so. */
export function findInside(cache: Cache, folder: LockedPath, path: string): TreeEntry | undefined {
  let found: TreeEntry | undefined;
  let digest = folder.digest;
  for (const name of path.split('/')) {
    if (found !== undefined && found.kind !== 'tree') return undefined;
    try {
      found = readTree(cache, digest).find((one) => one.name === name);
    } catch (error) {
      if (error instanceof MlopsError && error.kind === 'data-missing') return undefined;
      throw error;
    }
    if (found === undefined) return undefined;
    digest = found.digest;
  }
  return found;
}
