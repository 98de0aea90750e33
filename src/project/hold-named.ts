import type { Digest } from '../core/digest.ts';
import { type LockedPath, lockedPaths, type Lockfile } from '../core/lockfile.ts';
import type { Report } from '../core/event.ts';
import type { Cache } from '../stores/cache/cache.ts';
import { readTreeObject } from '../stores/cache/trees.ts';

/** Makes sure that a collection that goes on leaves what a lockfile is about to name, and tells of what it has taken already. */
export function holdNamed(cache: Cache, before: Lockfile, after: Lockfile, report: Report): void {
  const known = lockedPaths(before);
  const seen = new Set<Digest>();

  function holdTree(digest: Digest): boolean {
    if (seen.has(digest)) return true;
    seen.add(digest);
    if (!cache.touch(digest)) return false;
    const tree = readTreeObject(cache, digest);
    if ('pages' in tree) return tree.pages.map((page) => holdTree(page.digest)).every(Boolean);
    return tree.entries
      .map((one) => (one.kind === 'tree' ? holdTree(one.digest) : cache.touch(one.digest)))
      .every(Boolean);
  }

  for (const [path, locked] of lockedPaths(after)) {
    const was = known.get(path);
    if (was?.digest === locked.digest && was.kind === locked.kind) continue;
    const isWhole = locked.kind === 'tree' ? holdTree(locked.digest) : cache.touch(locked.digest);
    if (isWhole || !isCached(locked)) continue;
    const message = `${path} is not wholly in the cache: a collection was going on.`;
    report({ type: 'warning', message, hint: 'mlops commit' });
  }
}

function isCached(locked: LockedPath & { readonly cache?: boolean }): boolean {
  return locked.cache !== false;
}
