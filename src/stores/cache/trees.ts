import { type Digest, hexOf, shortDigest } from '../../core/digest.ts';
import {
  badTree,
  decodeTree,
  encodeTree,
  ENTRIES_PER_TREE,
  everyObject,
  inOrder,
  PAGES_PER_TREE,
  type Tree,
  type TreeEntry,
  type TreePage,
} from '../../core/tree.ts';
import { digestOf } from '../../system/hash.ts';
import type { Cache } from './cache.ts';

/** A directory as one object, with the totals of all that is beneath it. */
export interface StoredTree {
  readonly digest: Digest;
  readonly size: number;
  readonly files: number;
}

/** Where the objects of a tree go: into a cache, or nowhere when only the digest is asked for. */
export type PutTree = (bytes: Uint8Array) => Digest;

/** Stores one directory, whose files and folders are stored already. */
export function putTree(cache: Cache, entries: readonly TreeEntry[]): StoredTree {
  return buildTree(entries, (bytes) => cache.putBytes(bytes));
}

/**
 * One directory as objects: a single one, or pages when it has many entries. Where a page begins depends on the names alone,
 * so the same entries give the same pages in whatever order they came, and one that changes leaves the other pages as they are.
 */
export function buildTree(entries: readonly TreeEntry[], put: PutTree): StoredTree {
  const ordered = inOrder(entries);
  if (ordered.length <= ENTRIES_PER_TREE) {
    return { digest: put(encodeTree({ level: 0, entries: ordered })), ...totals(ordered) };
  }
  let pages = split(ordered, 0, (entry) => entry.name).map((part): TreePage => {
    const digest = put(encodeTree({ level: 0, entries: part }));
    return { first: part[0]?.name ?? '', count: part.length, ...totals(part), digest };
  });
  let level = 1;
  for (; pages.length > PAGES_PER_TREE; level++) {
    const parts = split(pages, level, (page) => page.first);
    // Names that were chosen to begin a page on every level must not make levels without end.
    if (parts.length === pages.length || level >= 30) break;
    const at = level;
    pages = parts.map((part): TreePage => {
      const count = part.reduce((sum, page) => sum + page.count, 0);
      const digest = put(encodeTree({ level: at, pages: part }));
      return { first: part[0]?.first ?? '', count, ...totals(part), digest };
    });
  }
  return { digest: put(encodeTree({ level, pages })), ...totals(pages) };
}

/** The entries of one directory, verified: bytes, names, order, totals, and that its pages are as `buildTree` makes them. */
export function readTree(cache: Cache, digest: Digest): readonly TreeEntry[] {
  const tree = readTreeObject(cache, digest);
  if ('entries' in tree) {
    if (tree.entries.length > ENTRIES_PER_TREE) throw badTree(nameOf(digest), 'it is too large to be without pages');
    return tree.entries;
  }
  const entries: TreeEntry[] = [];
  readPages(cache, tree, entries);
  const canonical = entries.length > ENTRIES_PER_TREE && buildTree(entries, digestOf).digest === digest;
  if (!canonical) throw badTree(nameOf(digest), 'its pages are not where they should be');
  return entries;
}

/** One object of a directory as it is: its entries, or its pages. */
export function readTreeObject(cache: Cache, digest: Digest): Tree {
  return decodeTree(cache.readBytes(digest), nameOf(digest));
}

/** Whether the cache has all objects of one directory of so many entries, without what they name. */
export function hasTree(cache: Cache, digest: Digest, entries: number, isThere: (digest: Digest) => boolean): boolean {
  if (!isThere(digest)) return false;
  if (entries <= ENTRIES_PER_TREE) return true;
  const tree = readTreeObject(cache, digest);
  if (!('pages' in tree)) return true;
  return tree.pages.every((page) =>
    tree.level === 1 ? isThere(page.digest) : hasTree(cache, page.digest, entries, isThere),
  );
}

/** Whether the cache has every object of a tree. */
export function isWhole(
  cache: Cache,
  digest: Digest,
  isThere: (digest: Digest) => boolean,
  seen = new Set<Digest>(),
): boolean {
  if (seen.has(digest)) return true;
  seen.add(digest);
  if (!isThere(digest)) return false;
  return everyObject(cache.readBytes(digest), nameOf(digest), (below, isTree) =>
    isTree ? isWhole(cache, below, isThere, seen) : isThere(below),
  );
}

/** An object that a tree is made of, and the path in the tree that it is for. */
export interface TreeObject {
  readonly digest: Digest;
  readonly size: number;
  /** Empty for the tree itself. */
  readonly path: string;
  readonly isTree: boolean;
}

/** Every object that makes up a tree, pages included, each after all that it names. */
export function* treeObjects(cache: Cache, digest: Digest, path = ''): Iterable<TreeObject> {
  for (const entry of readTree(cache, digest)) {
    const below = path === '' ? entry.name : `${path}/${entry.name}`;
    if (entry.kind === 'tree') yield* treeObjects(cache, entry.digest, below);
    else yield { digest: entry.digest, size: entry.size, path: below, isTree: false };
  }
  for (const page of pageObjects(cache, digest)) {
    yield { digest: page, size: cache.sizeOf(page) ?? 0, path, isTree: true };
  }
}

/** The objects of one directory alone: its pages, level by level, and then itself. */
export function* pageObjects(cache: Cache, digest: Digest): Iterable<Digest> {
  const tree = readTreeObject(cache, digest);
  if ('pages' in tree) for (const page of tree.pages) yield* pageObjects(cache, page.digest);
  yield digest;
}

function readPages(cache: Cache, tree: Tree, into: TreeEntry[]): void {
  if (!('pages' in tree)) return;
  for (const page of tree.pages) {
    const below = readTreeObject(cache, page.digest);
    if (below.level !== tree.level - 1) throw badTree(nameOf(page.digest), 'it is on another level than it should be');
    const start = into.length;
    if ('entries' in below) for (const entry of below.entries) into.push(entry);
    else readPages(cache, below, into);
    if (into.length - start !== page.count)
      throw badTree(nameOf(page.digest), 'it has another count than is said of it');
  }
}

function nameOf(digest: Digest): string {
  return `The object ${shortDigest(digest)}`;
}

function totals(parts: readonly { size: number; files: number }[]): { size: number; files: number } {
  let [size, files] = [0, 0];
  for (const part of parts) {
    size += part.size;
    files += part.files;
  }
  return { size, files };
}

function split<T>(items: readonly T[], level: number, nameOfItem: (item: T) => string): T[][] {
  const parts: T[][] = [];
  for (const item of items) {
    const part = parts.at(-1);
    if (part === undefined || beginsPage(nameOfItem(item), level)) parts.push([item]);
    else part.push(item);
  }
  return parts;
}

/** On average every 256th name: the digest of the name has a zero byte for this level and for each below it. */
function beginsPage(name: string, level: number): boolean {
  return hexOf(digestOf(name)).startsWith('00'.repeat(level + 1));
}
