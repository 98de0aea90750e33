import type { Digest } from '../../../core/digest.ts';
import { MlopsError } from '../../../core/errors.ts';
import { type LockedPath, lockedPaths, type Lockfile } from '../../../core/lockfile.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import { quarantined } from '../../../stores/cache/removal.ts';
import { readTreeObject } from '../../../stores/cache/trees.ts';

/** The objects that lockfiles need. */
export interface Marks {
  has(digest: Digest): boolean;
  /** Marks all that a lockfile names, as far as its trees are in the cache to tell. */
  add(lockfile: Lockfile): void;
  /** Trees that the cache lacks: what is in them is not marked. */
  unread(): Digest[];
  /** Marks what is in those of them that have come since. */
  readOn(): void;
  /** Marks one object that is no tree. */
  keep(digest: Digest): void;
}

/** Nothing is marked at first. Fails when a tree that is needed is damaged: then what is in it would be taken for rubbish. */
export function openMarks(cache: Cache): Marks {
  const needed = new Set<Digest>();
  // A file may hold the very bytes of a tree, so trees are known by themselves.
  const trees = new Set<Digest>();
  const absent = new Set<Digest>();
  let damaged: Set<Digest> | undefined;

  function markTree(digest: Digest): void {
    if (trees.has(digest)) return;
    trees.add(digest);
    needed.add(digest);
    if (!cache.has(digest)) {
      damaged ??= new Set(quarantined(cache).values());
      if (damaged.has(digest)) throw inQuarantine(digest);
      absent.add(digest);
      return;
    }
    const tree = readTreeObject(cache, digest);
    if ('pages' in tree) for (const page of tree.pages) markTree(page.digest);
    else {
      for (const entry of tree.entries) {
        if (entry.kind === 'tree') markTree(entry.digest);
        else needed.add(entry.digest);
      }
    }
  }

  function mark({ kind, digest }: LockedPath): void {
    if (kind === 'tree') markTree(digest);
    else needed.add(digest);
  }

  return {
    has: (digest) => needed.has(digest),
    add: (lockfile) => lockedPaths(lockfile).forEach(mark),
    unread: () => [...absent],
    readOn() {
      for (const digest of absent) {
        if (!cache.has(digest)) continue;
        absent.delete(digest);
        trees.delete(digest);
        markTree(digest);
      }
    },
    keep: (digest) => void needed.add(digest),
  };
}

/** Every object below a path that is not marked, with the path: for telling a person what would go. */
export function* unmarkedIn(
  cache: Cache,
  marks: Marks,
  path: string,
  { kind, digest }: { readonly kind: string; readonly digest: Digest },
): Iterable<{ readonly digest: Digest; readonly path: string }> {
  if (marks.has(digest)) return;
  yield { digest, path };
  if (kind !== 'tree' || !cache.has(digest)) return;
  const tree = readTreeObject(cache, digest);
  if ('pages' in tree)
    for (const page of tree.pages) yield* unmarkedIn(cache, marks, path, { kind, digest: page.digest });
  else for (const entry of tree.entries) yield* unmarkedIn(cache, marks, `${path}/${entry.name}`, entry);
}

function inQuarantine(digest: Digest): MlopsError {
  return new MlopsError(
    'damaged',
    `The list of files ${digest} is damaged, so what is in it is not known to be needed.`,
    {
      hint: 'mlops fsck --repair',
    },
  );
}
