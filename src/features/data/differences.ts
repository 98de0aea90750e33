import type { TreeEntry } from '../../core/tree.ts';
import type { Cache } from '../../stores/cache/cache.ts';
import { readTree } from '../../stores/cache/trees.ts';
import type { Measured } from './scan/scan.ts';

/** A name with what is beneath it, wherever that is known from. */
export interface Node {
  readonly entry: TreeEntry;
  children(): Iterable<Node>;
}

/** A file that is not the same on two sides; null where it is not there. */
export interface FileChange {
  readonly path: string;
  readonly before: TreeEntry | null;
  readonly after: TreeEntry | null;
}

/** Every file that differs between two states of a path. Folders that are equal are not looked into. */
export function* differences(path: string, before: Node | undefined, after: Node | undefined): Iterable<FileChange> {
  const [old, now] = [before?.entry, after?.entry];
  if (old?.digest === now?.digest && old?.kind === now?.kind) return;
  if (before !== undefined && old?.kind !== 'tree' && after !== undefined && now?.kind !== 'tree') {
    yield { path, before: before.entry, after: after.entry };
    return;
  }
  // A file in place of a folder, or the other way round, is both gone and new.
  if (before !== undefined && old?.kind !== 'tree') yield { path, before: before.entry, after: null };
  if (after !== undefined && now?.kind !== 'tree') yield { path, before: null, after: after.entry };
  const there = new Map<string, Node>();
  if (after !== undefined && now?.kind === 'tree')
    for (const child of after.children()) there.set(child.entry.name, child);
  if (before !== undefined && old?.kind === 'tree') {
    for (const child of before.children()) {
      const { name } = child.entry;
      yield* differences(`${path}/${name}`, child, there.get(name));
      there.delete(name);
    }
  }
  for (const [name, child] of there) yield* differences(`${path}/${name}`, undefined, child);
}

/** What is in the workspace, as a node. */
export function measuredNode(measured: Measured): Node {
  return {
    entry: measured,
    *children() {
      for (const child of measured.children ?? []) yield measuredNode(child);
    },
  };
}

/** What the cache has, as a node. Its trees are read when they are looked into. */
export function storedNode(cache: Cache, entry: TreeEntry): Node {
  return {
    entry,
    *children() {
      for (const child of readTree(cache, entry.digest)) yield storedNode(cache, child);
    },
  };
}
