import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TreeEntry } from '../../../src/core/tree.ts';
import { isDone, planCheckout } from '../../../src/features/data/checkout/plan.ts';
import type { Measured } from '../../../src/features/data/scan/scan.ts';
import { openCache } from '../../../src/stores/cache/cache.ts';
import { putTree } from '../../../src/stores/cache/trees.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { createFolder } from '../../support/sandbox.ts';

const file = (name: string, text = name): TreeEntry => {
  return { name, kind: 'file', size: text.length, files: 1, digest: digestOf(text) };
};
const leaf = (entry: TreeEntry): Measured => ({ ...entry, children: null });
const PLAIN = { path: 'data', inside: null, allowMissing: false, foldsNames: false };

async function cacheWith(...texts: string[]) {
  const folder = await createFolder();
  const cache = openCache(join(folder, 'cache'), { link: ['copy'], tmp: join(folder, 'tmp') });
  for (const text of texts) cache.putBytes(Buffer.from(text));
  return cache;
}

describe('a checkout is planned so that', () => {
  test('what is as it should be is left alone', async () => {
    const cache = await cacheWith('a');
    const plan = planCheckout(cache, { ...PLAIN, have: leaf(file('data', 'a')), want: file('data', 'a') });
    expect(isDone(plan)).toBe(true);
  });

  test('new things come first, then links, and old things go last', async () => {
    const cache = await cacheWith('new', 'target');
    const link: TreeEntry = { name: 'link', kind: 'symlink', size: 6, files: 1, digest: digestOf('target') };
    const want: TreeEntry = { name: 'data', kind: 'tree', ...putTree(cache, [file('new'), link]) };
    const have: Measured = {
      name: 'data',
      kind: 'tree',
      size: 3,
      files: 1,
      digest: digestOf('?'),
      children: [leaf(file('old'))],
    };
    const { clear, create, link: links, remove } = planCheckout(cache, { ...PLAIN, have, want });
    const steps = [clear.flatMap((one) => one.steps), create, links, remove].map((list) =>
      list.map(({ type, path }) => `${type} ${path}`),
    );
    expect(steps).toEqual([[], ['write data/new'], ['write data/link'], ['delete data/old']]);
  });

  test('a thing of another kind makes way first, and only for what the cache has', async () => {
    const cache = await cacheWith('data');
    const have: Measured = {
      name: 'data',
      kind: 'tree',
      size: 3,
      files: 1,
      digest: digestOf('?'),
      children: [leaf(file('old'))],
    };
    const steps = planCheckout(cache, { ...PLAIN, have, want: file('data') });
    expect(steps.clear.flatMap((one) => one.steps.map(({ type }) => type))).toEqual(['delete', 'remove-folder']);
    const missing = planCheckout(cache, { ...PLAIN, have, want: file('data', 'not in the cache') });
    expect(missing).toMatchObject({
      clear: [],
      create: [],
      failed: [{ path: 'data', reason: 'It is not in the cache.' }],
    });
    expect(isDone(planCheckout(cache, { ...PLAIN, have, want: file('data', 'nor this'), allowMissing: true }))).toBe(
      true,
    );
  });

  test('names that the file system takes for one are refused from the second on', async () => {
    const cache = await cacheWith('A.txt', 'a.txt', 'b.txt');
    const tree = putTree(cache, [file('A.txt'), file('a.txt'), file('b.txt')]);
    const want: TreeEntry = { name: 'data', kind: 'tree', ...tree };
    const folding = planCheckout(cache, { ...PLAIN, have: undefined, want, foldsNames: true });
    expect(folding.create.map(({ path }) => path)).toEqual(['data', 'data/A.txt', 'data/b.txt']);
    expect(folding.failed).toEqual([
      { path: 'data/a.txt', reason: 'On this file system it would be the same as "A.txt".', kind: 'file-system' },
    ]);
    expect(planCheckout(cache, { ...PLAIN, have: undefined, want }).failed).toEqual([]);
  });
});
