import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Digest } from '../../../src/core/digest.ts';
import { type Cache, openCache } from '../../../src/stores/cache/cache.ts';
import { mendPacks } from '../../../src/stores/cache/mend-packs.ts';
import type { Pack } from '../../../src/stores/cache/pack-files.ts';
import { encodePackIndex, PackIndex } from '../../../src/stores/cache/pack-index.ts';
import { PackTable } from '../../../src/stores/cache/pack-table.ts';
import { putTree } from '../../../src/stores/cache/trees.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { readPack } from '../../support/pack-reader.ts';
import { createFolder } from '../../support/sandbox.ts';

const contentOf = (at: number): Buffer => Buffer.from(`the content of file ${at}`.repeat(1 + (at % 7)));

async function cacheIn(packBelow?: number) {
  const folder = await createFolder();
  const options = {
    link: ['copy' as const],
    tmp: join(folder, 'tmp'),
    ...(packBelow === undefined ? {} : { packBelow }),
  };
  const dir = join(folder, 'cache');
  const packs = join(dir, 'v1', 'packs');
  const names = (end: string): string[] =>
    existsSync(packs) ? readdirSync(packs).filter((name) => name.endsWith(end)) : [];
  return {
    folder,
    packs,
    names,
    open: () => openCache(dir, options),
    mend: () => mendPacks(dir, options.tmp),
    objects: join(dir, 'v1', 'objects'),
  };
}

function putMany(cache: Cache, count: number): Promise<Digest[]> {
  return cache.batch((batch) => Array.from({ length: count }, (_, at) => batch.putBytes(contentOf(at))));
}

function expectAll(cache: Cache, digests: readonly Digest[]): void {
  for (const [at, digest] of digests.entries()) {
    expect(cache.has(digest)).toBe(true);
    expect(cache.sizeOf(digest)).toBe(contentOf(at).length);
    expect(Buffer.from(cache.readBytes(digest))).toEqual(contentOf(at));
  }
}

describe('small objects', () => {
  test('that come together are one pack, with its index beside it', async () => {
    const { open, names, objects, packs } = await cacheIn();
    const digests = await putMany(open(), 100);
    expect([names('.pack').length, names('.idx').length, existsSync(objects)]).toEqual([1, 1, false]);
    const [name = ''] = names('.pack');
    const bytes = readFileSync(join(packs, name));
    expect(`blake3:${name}`).toBe(`${digestOf(bytes)}.pack`);
    expect([...readPack(bytes).keys()].sort()).toEqual(digests.map((digest) => digest.slice(7)).sort());
    expect(statSync(join(packs, name)).mode & 0o777).toBe(0o444);
    expectAll(open(), digests);
  });

  test('that are few, or come alone, are files of their own', async () => {
    const { open, names } = await cacheIn();
    const digests = await putMany(open(), 15);
    digests.push(open().putBytes(contentOf(15)));
    expect(names('')).toEqual([]);
    expectAll(open(), digests);
    expect(open().pathOf(digests[3] ?? digestOf(''))).toBeDefined();
  });

  test('never become packs when packs are turned off, and those there are still read', async () => {
    const { open, names, folder } = await cacheIn();
    const digests = await putMany(open(), 20);
    const without = openCache(join(folder, 'cache'), { link: ['copy'], tmp: join(folder, 'tmp'), packBelow: 0 });
    const more = await without.batch((batch) => Array.from({ length: 30 }, (_, at) => batch.putBytes(contentOf(at))));
    expect(names('.pack').length).toBe(1);
    expectAll(without, more);
    expectAll(open(), digests);
  });

  test('can be read, looked up and put again while their batch goes on', async () => {
    const { open, names } = await cacheIn();
    await open().batch(async (batch) => {
      const digests = Array.from({ length: 40 }, (_, at) => batch.putBytes(contentOf(at)));
      expectAll(batch, digests);
      expect(batch.putBytes(contentOf(3))).toBe(digests[3]);
      expect(batch.isSound(digests[5] ?? digestOf(''))).toBe(true);
      expect(open().has(digests[3] ?? digestOf(''))).toBe(false);
    });
    expect(names('.pack').length).toBe(1);
  });

  test('of many megabytes fill several packs, each at most a little above 32 MiB', async () => {
    const { open, names, packs } = await cacheIn();
    const digests = await open().batch((batch) =>
      Array.from({ length: 300 }, (_, at) => batch.putBytes(Buffer.alloc(200_000, `${at} `))),
    );
    expect(names('.pack').length).toBe(2);
    for (const name of names('.pack')) expect(statSync(join(packs, name)).size).toBeLessThan(33 * 2 ** 20);
    for (const digest of digests) expect(open().isSound(digest)).toBe(true);
  });

  test('large ones, empty ones and equal ones among them are kept too', async () => {
    const { open, names } = await cacheIn();
    const large = Buffer.alloc(256 * 1024, 'x');
    const [big, empty] = await open().batch((batch) => {
      for (let at = 0; at < 20; at++) batch.putBytes(contentOf(at % 18));
      return [batch.putBytes(large), batch.putBytes(new Uint8Array())];
    });
    expect(names('.pack').length).toBe(1);
    expect(open().pathOf(big)).toBeDefined();
    expect(open().pathOf(empty)).toBeUndefined();
    expect([open().sizeOf(empty), open().readBytes(empty).length]).toEqual([0, 0]);
    const all = [...open().list()];
    expect(all.length).toBe(20);
    expect(new Set(all.map(({ digest }) => digest)).size).toBe(20);
  });

  test('trees have packs of their own', async () => {
    const { open, names, packs } = await cacheIn();
    await open().batch((batch) => {
      for (let at = 0; at < 20; at++) {
        const digest = batch.putBytes(contentOf(at));
        putTree(batch, [{ name: `file-${at}.txt`, kind: 'file', size: contentOf(at).length, files: 1, digest }]);
      }
    });
    const isTree = names('.pack').map((name) =>
      [...readPack(readFileSync(join(packs, name))).values()].map(
        (bytes) => bytes.toString('latin1', 0, 10) === 'mlops tree',
      ),
    );
    expect(isTree.map((each) => [...new Set(each)])).toHaveLength(2);
    for (const each of isTree) expect(new Set(each).size).toBe(1);
  });

  test('are put as a stream, and only with the bytes of their digest', async () => {
    const { open, names } = await cacheIn();
    async function* streamOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
      yield bytes.subarray(0, 5);
      yield bytes.subarray(5);
    }
    const contents = [...Array.from({ length: 20 }, (_, at) => contentOf(at)), Buffer.alloc(700_000, 'y')];
    const cache = open();
    await cache.batch(async (batch) => {
      for (const bytes of contents) await batch.putStream(digestOf(bytes), streamOf(bytes));
      await expect(batch.putStream(digestOf('a'), streamOf(Buffer.from('b')))).rejects.toMatchObject({
        kind: 'damaged',
      });
    });
    expect(names('.pack').length).toBe(1);
    for (const bytes of contents) expect(Buffer.from(cache.readBytes(digestOf(bytes)))).toEqual(bytes);
  });
});

describe('a pack', () => {
  test('that another process makes or takes away is noticed', async () => {
    const { open, packs } = await cacheIn();
    const [one, other] = [open(), open()];
    expect(one.has(digestOf(contentOf(0)))).toBe(false);
    const digests = await putMany(other, 50);
    expectAll(one, digests);
    const again = open();
    expectAll(again, digests);
    rmSync(packs, { recursive: true });
    const fresh = open();
    expect(() => fresh.readBytes(digests[0] ?? digestOf(''))).toThrow('is not in the cache');
  });

  test('that takes the place of another is found by whoever knew the other', async () => {
    const { open, packs, names } = await cacheIn();
    const reader = open();
    const digests = await putMany(open(), 50);
    expect(reader.has(digests[0] ?? digestOf(''))).toBe(true);
    const old = names('');
    await open().batch((batch) => {
      rmSync(join(packs, 'nothing'), { force: true });
      for (const name of old) rmSync(join(packs, name));
      for (let at = 60; at >= 0; at--) batch.putBytes(contentOf(at));
    });
    expectAll(reader, digests);
  });

  test.each(['is gone', 'is damaged'])('whose index %s gets it again, from itself', async (what) => {
    const { open, packs, names } = await cacheIn();
    const digests = await putMany(open(), 50);
    const index = join(packs, names('.idx')[0] ?? '');
    const bytes = readFileSync(index);
    rmSync(index);
    if (what === 'is damaged') writeFileSync(index, Buffer.from(bytes).fill(7, 1100, 1130));
    expectAll(open(), digests);
    expect(readFileSync(index).equals(bytes)).toBe(true);
  });

  test('with a damaged object: that one goes into quarantine, its neighbours stay', async () => {
    const { open, packs, names, folder } = await cacheIn();
    const digests = await putMany(open(), 50);
    const [bad = digestOf(''), ...good] = digests;
    const path = join(packs, names('.pack')[0] ?? '');
    const bytes = readFileSync(path);
    const flipped = bytes.indexOf(contentOf(0));
    bytes[flipped] = (bytes[flipped] ?? 0) ^ 1;
    rmSync(path);
    writeFileSync(path, bytes);
    const cache = open();
    expect(() => cache.readBytes(bad)).toThrow('is damaged');
    expect(() => cache.readBytes(bad)).toThrow('is not in the cache');
    expect([cache.has(bad), open().has(bad)]).toEqual([false, false]);
    for (const [at, digest] of good.entries()) expect(Buffer.from(open().readBytes(digest))).toEqual(contentOf(at + 1));
    expect(readdirSync(join(folder, 'cache/v1/quarantine'))).toEqual([expect.stringContaining(bad.slice(7))]);
    expect([names('.pack').length, names('.idx').length]).toEqual([1, 1]);
    expect(cache.putBytes(contentOf(0))).toBe(bad);
    expectAll(cache, digests);
  });

  test('that is cut off loses what is cut off and no more', async () => {
    const { open, packs, names } = await cacheIn();
    const digests = await putMany(open(), 50);
    const path = join(packs, names('.pack')[0] ?? '');
    const bytes = readFileSync(path);
    const end = bytes.indexOf(contentOf(30)) + 5;
    rmSync(path);
    writeFileSync(path, bytes.subarray(0, end));
    const cache = open();
    expect(digests.filter((digest) => cache.isSound(digest))).toEqual(digests.slice(0, 30));
    expect(digests.filter((digest) => cache.has(digest))).toEqual(digests.slice(0, 30));
  });

  test('that is cut off is noticed by whoever asks what is there, and what it lost is put again', async () => {
    const { open, packs, names } = await cacheIn();
    const digests = await putMany(open(), 50);
    const path = join(packs, names('.pack')[0] ?? '');
    const bytes = readFileSync(path);
    rmSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.indexOf(contentOf(30)) + 5));
    const cache = open();
    expect(digests.filter(cache.presence())).toEqual(digests.slice(0, 30));
    expect(digests.filter((digest) => cache.sizeOf(digest) !== undefined)).toEqual(digests.slice(0, 30));
    await putMany(cache, 50);
    expect(digests.filter(open().presence())).toEqual(digests);
    expectAll(open(), digests);
  });

  test('without an index that can be read is in quarantine, and what it held is absent', async () => {
    const { open, packs, names } = await cacheIn();
    const digests = await putMany(open(), 50);
    for (const name of names('.idx')) rmSync(join(packs, name));
    const path = join(packs, names('.pack')[0] ?? '');
    const bytes = readFileSync(path);
    rmSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length - 50));
    const cache = open();
    expect(digests.some((digest) => cache.has(digest))).toBe(false);
    expect(names('')).toEqual([]);
    expectAll(cache, await putMany(cache, 50));
  });

  test('says that it is still wanted when what it holds is put again', async () => {
    const { open, packs, names } = await cacheIn();
    await putMany(open(), 50);
    const path = join(packs, names('.pack')[0] ?? '');
    utimesSync(path, 1000, 1000);
    await putMany(open(), 20);
    expect(statSync(path).mtimeMs).toBeGreaterThan(1_000_000);
    expect(names('.pack').length).toBe(1);
  });

  test('comes out into the workspace, executable or not, and in place of what is there', async () => {
    const { open, folder } = await cacheIn();
    const digests = await putMany(open(), 50);
    const cache = open();
    const target = join(folder, 'out');
    mkdirSync(join(folder, 'tmp'), { recursive: true });
    expect(cache.checkoutFile(digests[1] ?? digestOf(''), target, true).mode & 0o100).toBe(0o100);
    expect(() => cache.checkoutFile(digests[2] ?? digestOf(''), target, false, false)).toThrow('already');
    cache.checkoutFile(digests[2] ?? digestOf(''), target, false);
    expect(readFileSync(target)).toEqual(contentOf(2));
  });

  test('of a batch that fails holds what was whole', async () => {
    const { open, names } = await cacheIn();
    const cache = open();
    const failing = cache.batch((batch) => {
      for (let at = 0; at < 30; at++) batch.putBytes(contentOf(at));
      throw new Error('the power of thought');
    });
    await expect(failing).rejects.toThrow('the power of thought');
    expect(names('.pack').length).toBe(1);
    expect(cache.has(digestOf(contentOf(7)))).toBe(true);
  });
});

describe('a pack of which no object is damaged', () => {
  test('is written anew when its own index is', async () => {
    const { open, names, packs, mend } = await cacheIn();
    const digests = await putMany(open(), 40);
    const [name = ''] = names('.pack');
    const bytes = readFileSync(join(packs, name));
    for (const spoiled of [Buffer.concat([bytes, Buffer.alloc(7)]), bytes.subarray(0, -9), Buffer.alloc(0)]) {
      const [now = ''] = names('.pack');
      rmSync(join(packs, now));
      writeFileSync(join(packs, now), spoiled);
      if (spoiled.length === 0) continue;
      expect(mend()).toBe(1);
      expect(mend()).toBe(0);
      expectAll(open(), digests);
      expect(names('.pack')).toEqual([name]);
    }
    expect(mend()).toBe(1);
    expect(names('')).toEqual([]);
  });

  test('keeps its objects when the index beside it is of another pack', async () => {
    const { open, names, packs, mend } = await cacheIn();
    const digests = await putMany(open(), 40);
    const [first = ''] = names('.idx');
    await open().batch((batch) => Array.from({ length: 20 }, (_, at) => batch.putBytes(Buffer.from(`other ${at}`))));
    const [second = ''] = names('.idx').filter((name) => name !== first);
    rmSync(join(packs, first));
    writeFileSync(join(packs, first), readFileSync(join(packs, second)));
    expect(mend()).toBe(1);
    expectAll(open(), digests);
  });
});

describe('many packs', () => {
  /** So many packs of sixteen objects and more, every third object of a pack being one of the pack before. */
  async function putPacks(cache: Cache, packs: number): Promise<Digest[]> {
    const digests: Digest[] = [];
    for (let pack = 0; pack < packs; pack++) {
      await cache.batch((batch) => {
        for (let at = 0; at < 18; at++) digests.push(batch.putBytes(contentOf(pack * 18 + at)));
      });
    }
    return digests;
  }

  test('know every object, wherever it lies, from the first question to the last, and those that come meanwhile', async () => {
    const { open, names } = await cacheIn();
    const cache = open();
    const digests = await putPacks(cache, 40);
    const [one, other] = [open(), open()];
    expect(names('.pack').length).toBe(40);
    expectAll(one, digests);
    expect(digests.filter((digest) => one.has(digestOf(digest)))).toEqual([]);
    const later = await other.batch((batch) =>
      Array.from({ length: 20 }, (_, at) => batch.putBytes(contentOf(900 + at))),
    );
    expect(later.every((digest) => one.has(digest) && other.has(digest) && cache.has(digest))).toBe(true);
    expectAll(one, digests);
  });

  test('that hold the same objects list each once', async () => {
    const { open, packs, folder, names } = await cacheIn();
    const digests = await putMany(open(), 50);
    const apart = openCache(join(folder, 'apart'), { link: ['copy'], tmp: join(folder, 'tmp') });
    await putMany(apart, 30);
    for (const name of readdirSync(join(folder, 'apart', 'v1', 'packs'))) {
      cpSync(join(folder, 'apart', 'v1', 'packs', name), join(packs, name));
    }
    expect(names('.pack').length).toBe(2);
    const listed = [...open().list()].map(({ digest }) => digest);
    expect(listed.sort()).toEqual([...digests].sort());
  });

  test('take one look for each object, however many packs there are', () => {
    let looks = 0;
    const packOf = (at: number): Pack => {
      const objects = Array.from({ length: 20 }, (_, row) => ({
        digest: digestOf(`${at} ${row}`),
        offset: row,
        length: 1,
      }));
      const index = new PackIndex(encodePackIndex(objects), 'it');
      const counted = new Proxy(index, {
        get(_, name: 'find' | 'count') {
          if (name === 'find') looks += 1;
          const value: unknown = index[name];
          return typeof value === 'function' ? value.bind(index) : value;
        },
      });
      return { name: `${at}`, path: '', size: 1000, index: counted };
    };
    const table = new PackTable(Array.from({ length: 300 }, (_, at) => packOf(at)));
    for (let at = 0; at < 300; at++) {
      for (let row = 0; row < 20; row++) expect(table.find(digestOf(`${at} ${row}`), false)?.[0].name).toBe(`${at}`);
      expect(table.find(digestOf(`none ${at}`), true)).toBeUndefined();
    }
    expect(looks).toBeLessThan((2 * 6000) / 8);
    table.add(packOf(300));
    expect(table.find(digestOf('300 7'), false)?.[1].offset).toBe(7);
    expect([...table.objects()].length).toBe(301 * 20);
  });
});
