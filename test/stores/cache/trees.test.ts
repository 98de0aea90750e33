import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Digest } from '../../../src/core/digest.ts';
import { encodeTree, ENTRIES_PER_TREE, type TreeEntry } from '../../../src/core/tree.ts';
import { openCache } from '../../../src/stores/cache/cache.ts';
import { buildTree, pageObjects, putTree, readTree, treeObjects } from '../../../src/stores/cache/trees.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { createFolder } from '../../support/sandbox.ts';

async function emptyCache() {
  const folder = await createFolder();
  return openCache(join(folder, 'cache'), { link: ['copy'], tmp: join(folder, 'tmp') });
}

const file = (name: string, text = name): TreeEntry => ({
  name,
  kind: 'file',
  size: text.length,
  files: 1,
  digest: digestOf(text),
});
const named = (count: number): TreeEntry[] => Array.from({ length: count }, (_, at) => file(`image-${at}.png`));
const digestOfAll = (entries: readonly TreeEntry[]) => buildTree(entries, digestOf).digest;

/** What a list of entries is stored as: digest → bytes. */
function objectsOf(entries: readonly TreeEntry[]): Map<Digest, Uint8Array> {
  const objects = new Map<Digest, Uint8Array>();
  buildTree(entries, (bytes) => {
    const copy = Buffer.from(bytes);
    objects.set(digestOf(copy), copy);
    return digestOf(copy);
  });
  return objects;
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const order = items.map((item, at) => ({ item, key: digestOf(`${seed} ${at}`) }));
  return order.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ item }) => item);
}

describe('a folder', () => {
  test('comes back as it was put, with its totals', async () => {
    const cache = await emptyCache();
    const inner = putTree(cache, [file('b.txt', 'bbb'), file('a.txt', 'a')]);
    const root = putTree(cache, [file('z'), { name: 'inner', kind: 'tree', ...inner }]);
    expect(root).toMatchObject({ size: 5, files: 3 });
    expect(readTree(cache, root.digest).map(({ name }) => name)).toEqual(['inner', 'z']);
    expect(readTree(cache, inner.digest).map(({ name }) => name)).toEqual(['a.txt', 'b.txt']);
  });

  test('lists all of its objects, each after what it names', async () => {
    const cache = await emptyCache();
    const inner = putTree(cache, [file('a.txt', 'a')]);
    const root = putTree(cache, [{ name: 'inner', kind: 'tree', ...inner }, file('z')]);
    expect([...treeObjects(cache, root.digest)].map(({ path, isTree, digest }) => ({ path, isTree, digest }))).toEqual([
      { path: 'inner/a.txt', isTree: false, digest: digestOf('a') },
      { path: 'inner', isTree: true, digest: inner.digest },
      { path: 'z', isTree: false, digest: digestOf('z') },
      { path: '', isTree: true, digest: root.digest },
    ]);
  });

  test('without anything in it has a digest too', async () => {
    const cache = await emptyCache();
    const { digest, size, files } = putTree(cache, []);
    expect({ size, files }).toEqual({ size: 0, files: 0 });
    expect(readTree(cache, digest)).toEqual([]);
  });
});

describe('a large folder', () => {
  test('is one object up to 4,096 entries, and pages beyond', () => {
    expect(objectsOf(named(ENTRIES_PER_TREE)).size).toBe(1);
    const pages = objectsOf(named(ENTRIES_PER_TREE + 1)).size;
    expect(pages).toBeGreaterThan(8);
    expect(pages).toBeLessThan(40);
  });

  test('has the same digest in whatever order its entries come, on both sides of 4,096', () => {
    for (const count of [4095, 4096, 4097, 9000]) {
      const entries = named(count);
      for (const seed of [1, 2]) expect(digestOfAll(shuffled(entries, seed))).toBe(digestOfAll(entries));
    }
  });

  test('comes to the same digest by any way of growing and shrinking', () => {
    const start = named(4090);
    const edits = fc.array(fc.record({ add: fc.boolean(), at: fc.nat({ max: 60 }) }), { maxLength: 30 });
    fc.assert(
      fc.property(edits, (list) => {
        const folder = new Map(start.map((entry) => [entry.name, entry]));
        for (const { add, at } of list) {
          if (add) folder.set(`extra-${at}`, file(`extra-${at}`));
          else folder.delete(`extra-${at}`);
        }
        const there = [...folder.values()];
        expect(digestOfAll(there)).toBe(digestOfAll(shuffled(there, list.length)));
      }),
      { numRuns: 15 },
    );
    const grown = [...start, ...Array.from({ length: 20 }, (_, at) => file(`more-${at}`))];
    expect(digestOfAll(grown.slice(0, 4090))).toBe(digestOfAll(start));
  });

  test('changes few pages when one entry changes, comes or goes', () => {
    const entries = named(50_000);
    const before = objectsOf(entries);
    const newBytes = (after: readonly TreeEntry[]) => {
      const fresh = [...objectsOf(after)].filter(([digest]) => !before.has(digest));
      return fresh.reduce((sum, [, bytes]) => sum + bytes.length, 0);
    };
    expect(newBytes(entries.map((entry, at) => (at === 777 ? file(entry.name, 'changed') : entry)))).toBeLessThan(
      100_000,
    );
    expect(newBytes([...entries, file('image-0a.png')])).toBeLessThan(100_000);
    expect(newBytes(entries.filter((_, at) => at !== 31_000))).toBeLessThan(100_000);
  });

  test('comes back whole, and its pages are among its objects', async () => {
    const cache = await emptyCache();
    const entries = named(5000);
    const { digest, files } = await cache.batch((batch) => putTree(batch, entries));
    expect(files).toBe(5000);
    expect(readTree(cache, digest)).toHaveLength(5000);
    const pages = [...pageObjects(cache, digest)];
    expect(pages.at(-1)).toBe(digest);
    expect([...treeObjects(cache, digest)].filter(({ isTree }) => isTree).map((object) => object.digest)).toEqual(
      pages,
    );
  });

  test('whose names were all chosen to begin a page still ends', () => {
    const chosen: TreeEntry[] = [];
    for (let at = 0; chosen.length < 300; at++)
      if (digestOf(`n${at}`).startsWith('blake3:00')) chosen.push(file(`n${at}`));
    expect(objectsOf([...named(4096), ...chosen]).size).toBeGreaterThan(300);
  });

  test('with pages that are not where they should be is refused', async () => {
    const cache = await emptyCache();
    const entries = [...named(5000)].sort((a, b) => (a.name < b.name ? -1 : 1));
    const parts = [entries.slice(0, 2500), entries.slice(2500)].map((part) => ({
      first: part[0]?.name ?? '',
      count: part.length,
      size: 0,
      files: part.length,
      digest: cache.putBytes(encodeTree({ level: 0, entries: part })),
    }));
    const forged = cache.putBytes(encodeTree({ level: 1, pages: parts }));
    expect(() => readTree(cache, forged)).toThrow('its pages are not where they should be');
    const unpaged = cache.putBytes(encodeTree({ level: 0, entries }));
    expect(() => readTree(cache, unpaged)).toThrow('it is too large to be without pages');
  });
});

test('a tree whose bytes were altered is not read', async () => {
  const cache = await emptyCache();
  const { digest } = putTree(cache, [file('a')]);
  const path = cache.pathOf(digest) ?? '';
  chmodSync(path, 0o644);
  writeFileSync(path, encodeTree({ level: 0, entries: [file('b')] }));
  expect(() => readTree(cache, digest)).toThrow(expect.objectContaining({ kind: 'damaged' }));
  rmSync(path, { force: true });
});
