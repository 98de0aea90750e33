import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TreeEntry } from '../../../src/core/tree.ts';
import { collectObjects } from '../../../src/features/data/collect.ts';
import { openCache } from '../../../src/stores/cache/cache.ts';
import { putTree, readTreeObject } from '../../../src/stores/cache/trees.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { createFolder } from '../../support/sandbox.ts';

async function emptyCache() {
  const folder = await createFolder();
  return openCache(join(folder, 'cache'), { link: ['copy'], tmp: join(folder, 'tmp'), packBelow: 0 });
}

const file = (name: string): TreeEntry => ({ name, kind: 'file', size: name.length, files: 1, digest: digestOf(name) });

test('every object of the paths is there, trees after what they name', async () => {
  const cache = await emptyCache();
  const cats = putTree(cache, [file('1.png'), file('2.png')]);
  const root = putTree(cache, [{ name: 'cats', kind: 'tree', ...cats }, file('readme')]);
  const paths = new Map([
    ['images', { kind: 'tree', ...root } as const],
    ['raw.csv', { kind: 'file', digest: digestOf('raw'), size: 3, executable: false } as const],
  ]);
  const { objects, missingTrees } = collectObjects(cache, paths);
  expect(missingTrees).toEqual([]);
  expect(objects.map(({ path, isTree, size }) => [path, isTree, size])).toEqual([
    ['images/cats/1.png', false, 5],
    ['images/cats/2.png', false, 5],
    ['images/cats', true, cache.sizeOf(cats.digest)],
    ['images/readme', false, 6],
    ['images', true, cache.sizeOf(root.digest)],
    ['raw.csv', false, 3],
  ]);

  const some = new Map([['images', { kind: 'tree', ...root, inside: ['cats/2.png'] } as const]]);
  expect(collectObjects(cache, some).objects.map(({ path }) => path)).toEqual([
    'images/cats/2.png',
    'images/cats',
    'images',
  ]);
});

test('a tree that is not here is named, and what is known without it is told', async () => {
  const cache = await emptyCache();
  const cats = putTree(cache, [file('1.png')]);
  const root = putTree(cache, [{ name: 'cats', kind: 'tree', ...cats }, file('readme')]);
  rmSync(cache.pathOf(cats.digest) ?? '');
  const { objects, missingTrees } = collectObjects(cache, new Map([['images', { kind: 'tree', ...root } as const]]));
  expect(missingTrees).toEqual([{ digest: cats.digest, size: 0, path: 'images/cats', isTree: true }]);
  expect(objects.map(({ path }) => path)).toEqual(['images/readme', 'images']);
});

test('a page of a large folder that is not here is named too', async () => {
  const cache = await emptyCache();
  const entries = Array.from({ length: 5000 }, (_, at) => file(`${at}.png`));
  const root = await cache.batch((batch) => putTree(batch, entries));
  const tree = readTreeObject(cache, root.digest);
  const page = 'pages' in tree ? tree.pages[3] : undefined;
  if (page === undefined) throw new Error('there are no pages');
  rmSync(cache.pathOf(page.digest) ?? '');
  const { objects, missingTrees } = collectObjects(cache, new Map([['images', { kind: 'tree', ...root } as const]]));
  expect(missingTrees).toMatchObject([{ digest: page.digest, path: 'images' }]);
  expect(objects.filter(({ isTree }) => !isTree)).toHaveLength(5000 - page.count);
});

test('a file with the very bytes of a tree is collected beside it', async () => {
  const cache = await emptyCache();
  const empty = putTree(cache, []);
  const twin: TreeEntry = {
    name: 'twin',
    kind: 'file',
    size: cache.sizeOf(empty.digest) ?? 0,
    files: 1,
    digest: empty.digest,
  };
  const root = putTree(cache, [{ name: 'empty', kind: 'tree', ...empty }, twin]);
  const { objects } = collectObjects(cache, new Map([['data', { kind: 'tree', ...root } as const]]));
  expect(objects.map(({ path, isTree }) => [path, isTree])).toEqual([
    ['data/empty', true],
    ['data/twin', false],
    ['data', true],
  ]);
});
