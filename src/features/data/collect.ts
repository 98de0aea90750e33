import type { Digest } from '../../core/digest.ts';
import type { TreeEntry } from '../../core/tree.ts';
import type { Cache } from '../../stores/cache/cache.ts';
import { readTreeObject } from '../../stores/cache/trees.ts';
import { coverOf } from './add/cover.ts';
import type { SelectedPath } from './select.ts';

/** An object that is needed, and a project path that needs it. */
export interface WantedObject {
  readonly digest: Digest;
  /** Bytes; 0 for a tree that is not here, whose size nobody knows. */
  readonly size: number;
  readonly path: string;
  readonly isTree: boolean;
}

/**
 * The objects that paths need, each tree after what it names, as far as trees are in the cache to tell. A tree that is not,
 * is in `missingTrees`: once it is brought, the same question gets a longer answer.
 */
export function collectObjects(
  cache: Cache,
  paths: ReadonlyMap<string, SelectedPath>,
): { objects: WantedObject[]; missingTrees: WantedObject[] } {
  const objects: WantedObject[] = [];
  const missingTrees: WantedObject[] = [];
  // A file may hold the very bytes of a tree, so both are part of what was seen.
  const seen = new Set<string>();

  function collectTree(digest: Digest, path: string, inside: readonly string[] | null, below: string): void {
    const whole = inside === null;
    if (whole && seen.has(`tree ${digest}`)) return;
    if (whole) seen.add(`tree ${digest}`);
    const size = cache.sizeOf(digest);
    if (size === undefined) {
      missingTrees.push({ digest, size: 0, path, isTree: true });
      return;
    }
    const tree = readTreeObject(cache, digest);
    if ('pages' in tree) for (const page of tree.pages) collectTree(page.digest, path, inside, below);
    else for (const entry of tree.entries) collectEntry(entry, path, inside, below);
    objects.push({ digest, size, path, isTree: true });
  }

  function collectEntry(entry: TreeEntry, path: string, inside: readonly string[] | null, below: string): void {
    const relative = below + entry.name;
    const cover = coverOf(relative, inside);
    if (cover === 'none') return;
    const at = `${path}/${entry.name}`;
    if (entry.kind === 'tree') collectTree(entry.digest, at, cover === 'all' ? null : inside, `${relative}/`);
    else if (cover === 'all') objects.push({ digest: entry.digest, size: entry.size, path: at, isTree: false });
  }

  for (const [path, { kind, digest, size, inside }] of paths) {
    if (kind === 'tree') collectTree(digest, path, inside ?? null, '');
    else objects.push({ digest, size, path, isTree: false });
  }
  return { objects, missingTrees };
}
