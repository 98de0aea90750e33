import { readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Digest } from '../../../src/core/digest.ts';
import { type Cache, openCache } from '../../../src/stores/cache/cache.ts';
import { groupsToWrite, packsToFold } from '../../../src/stores/cache/fold-plan.ts';
import { putTree } from '../../../src/stores/cache/trees.ts';
import { allAtOnce, digestOf } from '../../../src/system/hash.ts';
import { readPack } from '../../support/pack-reader.ts';
import { createFolder } from '../../support/sandbox.ts';

const MB = 1024 * 1024;
const NEVER = 0;
const EVER = Number.MAX_SAFE_INTEGER;
const ALL = (): boolean => true;

const sizesOf = (...sizes: number[]) => sizes.map((size) => ({ size }));
const sizes = (packs: readonly { size: number }[]): number[] => packs.map(({ size }) => size);

describe('which packs are folded', () => {
  test('many of a size are one; what is much larger than all smaller ones stays', () => {
    expect(sizes(packsToFold(sizesOf(...Array.from({ length: 300 }, () => 10))))).toHaveLength(300);
    expect(sizes(packsToFold(sizesOf(1, ...Array.from({ length: 300 }, () => 10), 10_000)))).toHaveLength(301);
    expect(packsToFold(sizesOf(1, 3, 10, 30, 100))).toEqual([]);
    expect(packsToFold(sizesOf(7))).toEqual([]);
    expect(sizes(packsToFold(sizesOf(MB, 20 * MB, 30 * MB)))).toEqual([]);
  });

  test('after a folding nothing is left to fold, whatever there was', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 16 * MB }), { maxLength: 60 }), (all) => {
        let packs = sizesOf(...all);
        const before = packs.length;
        for (let folded = packsToFold(packs); folded.length > 0; folded = packsToFold(packs)) {
          const total = folded.reduce((sum, { size }) => sum + size, 0);
          const full = Math.floor(total / (32 * MB));
          packs = [
            ...packs.filter((pack) => !folded.includes(pack)),
            ...sizesOf(...Array.from({ length: full }, () => 32 * MB), total - full * 32 * MB),
          ];
          expect(packs.length).toBeLessThanOrEqual(before);
        }
        expect(packs.filter(({ size }) => size < 16 * MB).length).toBeLessThan(18);
      }),
    );
  });

  test('trees and files stay apart, and what is mostly garbage is written anew', () => {
    const pack = (name: string, isTrees: boolean, neededBytes: number, isYoung = false) => {
      return { name, isTrees, isYoung, bytes: 100, neededBytes };
    };
    expect(groupsToWrite([pack('a', true, 100), pack('b', false, 100)])).toEqual([]);
    expect(groupsToWrite([pack('a', false, 60)])).toEqual([]);
    expect(groupsToWrite([pack('a', false, 59)])).toEqual([['a']]);
    expect(groupsToWrite([pack('a', false, 59, true), pack('b', false, 100)])).toEqual([]);
    expect(groupsToWrite([pack('a', false, 60, true), pack('b', false, 100)])).toEqual([['a', 'b']]);
    expect(groupsToWrite([pack('a', true, 100), pack('b', false, 100), pack('c', true, 100)])).toEqual([['a', 'c']]);
  });
});

async function createCache() {
  const folder = await createFolder();
  const dir = join(folder, 'cache');
  const packs = join(dir, 'v1', 'packs');
  const open = (): Cache => openCache(dir, { link: ['copy'], tmp: join(folder, 'tmp') });
  const names = () => readdirSync(packs).filter((name) => name.endsWith('.pack'));
  const put = (count: number, from = 0, length = 20): Promise<Digest[]> =>
    open().batch((batch) =>
      Array.from({ length: count }, (_, at) => batch.putBytes(Buffer.from(`${from + at} `.padEnd(length, '.')))),
    );
  /** A collection that keeps what is needed and takes what was put before a moment. */
  const collect = (isNeeded: (digest: Digest) => boolean, moment: number, between: () => void = () => undefined) => {
    const cache = open();
    const plan = allAtOnce(cache.packs.plan(isNeeded, moment));
    between();
    const garbage = new Set([...plan.unneeded].filter(([, { fate }]) => fate === 'goes').map(([digest]) => digest));
    const gone = allAtOnce(cache.packs.writeAnew(plan.groups, (digest) => garbage.has(digest), moment));
    return { plan, gone, garbage };
  };
  const age = () => names().forEach((name) => utimesSync(join(packs, name), 1000, 1000));
  return { dir, packs, open, names, put, collect, age };
}

const isReadable = (cache: Cache, digests: readonly Digest[]): boolean =>
  digests.every((digest) => digestOf(cache.readBytes(digest)) === digest);

describe('folding', () => {
  test('makes one pack of three hundred, young as they are, and keeps every object', async () => {
    const { open, names, put, collect, packs } = await createCache();
    const digests: Digest[] = [];
    for (let at = 0; at < 300; at++) digests.push(...(await put(16, at * 16)));
    const reader = open();
    expect(isReadable(reader, digests)).toBe(true);
    expect(names()).toHaveLength(300);
    expect(collect(ALL, NEVER).gone.size).toBe(0);
    expect([names().length, readdirSync(packs).length]).toEqual([1, 2]);
    expect(isReadable(open(), digests) && isReadable(reader, digests)).toBe(true);
    expect([...open().list()]).toHaveLength(4800);
    expect(collect(ALL, NEVER).plan.groups).toEqual([]);
  });

  test('keeps trees in packs of their own', async () => {
    const { open, names, packs, collect } = await createCache();
    for (let at = 0; at < 4; at++) {
      await open().batch((batch) => {
        for (let tree = 0; tree < 20; tree++) {
          const digest = batch.putBytes(Buffer.from(`${at} ${tree}`));
          putTree(batch, [{ name: 'a', kind: 'file', size: 3, files: 1, digest }]);
        }
      });
    }
    expect(names()).toHaveLength(8);
    collect(ALL, NEVER);
    expect(names()).toHaveLength(2);
    const kinds = names().map((name) => {
      const objects = [...readPack(readFileSync(join(packs, name))).values()];
      return new Set(objects.map((bytes) => Buffer.from(bytes).subarray(0, 10).toString() === 'mlops tree')).size;
    });
    expect(kinds).toEqual([1, 1]);
  });

  test('makes packs of at most 32 MiB', async () => {
    const { open, names, put, collect, packs } = await createCache();
    const digests: Digest[] = [];
    for (let at = 0; at < 5; at++) digests.push(...(await put(50, at * 50, 200 * 1024)));
    collect(ALL, NEVER);
    const lengths = names().map((name) => statSync(join(packs, name)).size);
    expect(lengths).toHaveLength(2);
    expect(Math.max(...lengths)).toBeLessThan(32 * MB + 64 * 1024);
    expect(isReadable(open(), digests)).toBe(true);
  });

  test('a pack whose objects all are in another one leaves that as it is', async () => {
    const { open, names, put, collect, packs } = await createCache();
    const digests = await put(20);
    const apart = await createCache();
    await apart.put(18);
    const [other = ''] = apart.names();
    for (const end of ['pack', 'idx']) {
      const name = other.replace('pack', end);
      writeFileSync(join(packs, name), readFileSync(join(apart.packs, name)));
    }
    expect(names()).toHaveLength(2);
    collect(ALL, NEVER);
    expect(names()).toHaveLength(1);
    expect(isReadable(open(), digests)).toBe(true);
  });
});

describe('garbage in packs', () => {
  test('goes from a pack that is mostly garbage, and waits in one that is mostly needed', async () => {
    const { open, put, collect, age } = await createCache();
    const digests = await put(100);
    age();
    const most = new Set(digests.slice(0, 70));
    const waiting = collect((digest) => most.has(digest), EVER);
    expect([...waiting.plan.unneeded.values()].map(({ fate }) => fate)).toEqual(
      Array.from({ length: 30 }, () => 'waits'),
    );
    expect([waiting.gone.size, waiting.plan.needed]).toEqual([0, 70]);
    expect(isReadable(open(), digests)).toBe(true);
    const few = new Set(digests.slice(0, 50));
    const { gone, garbage } = collect((digest) => few.has(digest), EVER);
    expect([gone, gone.size]).toEqual([garbage, 50]);
    expect(isReadable(open(), digests.slice(0, 50))).toBe(true);
    expect(digests.slice(50).some((digest) => open().has(digest))).toBe(false);
  });

  test('stays where it is young, and where its pack was said to be wanted meanwhile', async () => {
    const { open, put, collect, age, names } = await createCache();
    const digests = await put(100);
    expect(collect(() => false, NEVER).plan.unneeded.get(digests[0] ?? digestOf(''))?.fate).toBe('young');
    age();
    const touched = collect(
      () => false,
      2_000_000,
      () => void open().touch(digests[3] ?? digestOf('')),
    );
    expect([touched.garbage.size, touched.gone.size, names().length]).toEqual([100, 0, 1]);
    age();
    expect(collect(() => false, 2_000_000).gone.size).toBe(100);
    expect(names()).toEqual([]);
  });

  test('is in quarantine when it is damaged, and the sound ones beside it are not', async () => {
    const { open, put, collect, names, packs, dir } = await createCache();
    const digests = [...(await put(20)), ...(await put(20, 100))];
    const path = join(packs, names()[0] ?? '');
    const bytes = readFileSync(path);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    writeFileSync(`${path}.new`, bytes);
    renameSync(`${path}.new`, path);
    collect(ALL, NEVER);
    const cache = open();
    expect(digests.filter((digest) => !cache.has(digest))).toHaveLength(1);
    expect(
      isReadable(
        cache,
        digests.filter((digest) => cache.has(digest)),
      ),
    ).toBe(true);
    expect(readdirSync(join(dir, 'v1', 'quarantine'))).toHaveLength(1);
  });
});
