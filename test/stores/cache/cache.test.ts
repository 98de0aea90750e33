import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Digest, hexOf } from '../../../src/core/digest.ts';
import { MlopsError } from '../../../src/core/errors.ts';
import { type Cache, openCache } from '../../../src/stores/cache/cache.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { createFolder } from '../../support/sandbox.ts';

async function cacheIn(link: readonly ('reflink' | 'copy' | 'hardlink' | 'symlink')[] = ['reflink', 'copy']) {
  const folder = await createFolder();
  const open = (): Cache => openCache(join(folder, 'cache'), { link, tmp: join(folder, 'tmp') });
  return { folder, open, cache: open() };
}

const objectPath = (cache: Cache, digest: Digest) =>
  join(cache.dir, 'v1', 'objects', hexOf(digest).slice(0, 2), hexOf(digest).slice(2));
const unfinished = (cache: Cache) =>
  existsSync(join(cache.dir, 'v1/tmp')) ? readdirSync(join(cache.dir, 'v1/tmp')) : [];

async function* stream(...parts: readonly string[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

function damage(path: string, bytes: string): void {
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
}

describe('the cache', () => {
  test('keeps bytes under their digest, in a file that nobody writes to', async () => {
    const { cache } = await cacheIn();
    const digest = cache.putBytes(Buffer.from('some bytes'));
    expect(digest).toBe(digestOf('some bytes'));
    expect(readFileSync(objectPath(cache, digest), 'utf8')).toBe('some bytes');
    expect(statSync(objectPath(cache, digest)).mode & 0o777).toBe(0o444);
    expect(cache.has(digest)).toBe(true);
    expect(cache.sizeOf(digest)).toBe(10);
    expect(cache.pathOf(digest)).toBe(objectPath(cache, digest));
    expect(Buffer.from(cache.readBytes(digest)).toString()).toBe('some bytes');
    expect([...cache.list()]).toEqual([{ digest, size: 10 }]);
    expect(unfinished(cache)).toEqual([]);
  });

  test.each([0, 5, 524_287, 524_288, 3_000_000])('takes in and gives back a file of %i bytes', async (length) => {
    const { cache, folder } = await cacheIn();
    const bytes = Buffer.alloc(length, 'abc');
    writeFileSync(join(folder, 'source'), bytes);
    const put = cache.putFile(join(folder, 'source'));
    expect(put).toMatchObject({ digest: digestOf(bytes), size: length });
    const stat = cache.checkoutFile(put.digest, join(folder, 'target'), true);
    expect(readFileSync(join(folder, 'target')).equals(bytes)).toBe(true);
    expect(stat).toMatchObject({ size: length, ino: statSync(join(folder, 'target')).ino });
    expect(statSync(join(folder, 'target')).mode & 0o111).not.toBe(0);
    cache.putFile(join(folder, 'source'));
    expect([...cache.list()]).toHaveLength(1);
    expect(unfinished(cache)).toEqual([]);
  });

  test('refreshes an object that is put again, so that it counts as wanted', async () => {
    const { cache } = await cacheIn();
    const digest = cache.putBytes(Buffer.from('x'));
    utimesSync(objectPath(cache, digest), 1, 1);
    cache.putBytes(Buffer.from('x'));
    expect(statSync(objectPath(cache, digest)).mtimeMs).toBeGreaterThan(1e12);
  });

  test('says what it does not have', async () => {
    const { cache } = await cacheIn();
    const digest = digestOf('nobody put this');
    expect(cache.has(digest)).toBe(false);
    expect(cache.pathOf(digest)).toBeUndefined();
    expect(() => cache.readBytes(digest)).toThrow(expect.objectContaining({ kind: 'data-missing' }));
    expect(() => cache.checkoutFile(digest, '/nowhere', false)).toThrow(
      expect.objectContaining({ kind: 'data-missing' }),
    );
  });

  test('gives a stream its name only when its bytes are what was asked for', async () => {
    const { cache } = await cacheIn();
    const digest = digestOf('one two');
    await expect(cache.putStream(digest, stream('one ', 'tw0'))).rejects.toMatchObject({ kind: 'damaged' });
    await expect(cache.putStream(digest, stream('one '))).rejects.toMatchObject({ kind: 'damaged' });
    expect(cache.has(digest)).toBe(false);
    await cache.putStream(digest, stream('one ', 'two'));
    await cache.putStream(digest, stream('one ', 'two'));
    expect(Buffer.from(cache.readBytes(digest)).toString()).toBe('one two');
    expect(unfinished(cache)).toEqual([]);
  });

  test('leaves nothing of a stream that breaks off', async () => {
    const { cache } = await cacheIn();
    async function* broken(): AsyncIterable<Uint8Array> {
      yield Buffer.from('one ');
      throw new Error('connection reset');
    }
    await expect(cache.putStream(digestOf('one two'), broken())).rejects.toThrow('connection reset');
    expect(unfinished(cache)).toEqual([]);
  });
});

describe('a batch', () => {
  test('names its objects at its end, and can read them before', async () => {
    const { cache } = await cacheIn();
    const digests = await cache.batch((batch) => {
      const put = Array.from({ length: 40 }, (_, at) => batch.putBytes(Buffer.from(`object ${at}`)));
      const [first] = put;
      if (first === undefined) throw new Error('nothing was put');
      expect(batch.has(first)).toBe(true);
      expect(Buffer.from(batch.readBytes(first)).toString()).toBe('object 0');
      expect(cache.has(first)).toBe(false);
      return put;
    });
    expect(digests.every((digest) => cache.has(digest))).toBe(true);
    expect(unfinished(cache)).toEqual([]);
  });

  test('that is cut off keeps what is whole, so that it need not be made again', async () => {
    const { cache } = await cacheIn();
    const work = cache.batch((batch) => {
      batch.putBytes(Buffer.from('x'));
      throw new Error('interrupted');
    });
    await expect(work).rejects.toThrow('interrupted');
    expect(cache.isSound(digestOf('x'))).toBe(true);
    expect(unfinished(cache)).toEqual([]);
  });

  test('that fails for want of room gives back what it took', async () => {
    const { cache } = await cacheIn();
    const work = cache.batch((batch) => {
      batch.putBytes(Buffer.from('x'));
      throw new MlopsError('no-space', 'The disk is full.');
    });
    await expect(work).rejects.toMatchObject({ kind: 'no-space' });
    expect([...cache.list()]).toEqual([]);
    expect(unfinished(cache)).toEqual([]);
  });
});

describe('a damaged object', () => {
  test('is never served, and is moved out of the way of a sound copy', async () => {
    const { cache, folder } = await cacheIn();
    const digest = cache.putBytes(Buffer.from('sound'));
    damage(objectPath(cache, digest), 'sounb');
    expect(() => cache.readBytes(digest)).toThrow(expect.objectContaining({ kind: 'damaged' }));
    expect(cache.has(digest)).toBe(false);
    expect(readdirSync(join(cache.dir, 'v1/quarantine'))).toHaveLength(1);
    cache.putBytes(Buffer.from('sound'));
    cache.checkoutFile(digest, join(folder, 'target'), false);
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('sound');
  });

  test.each([['reflink', 'copy'], ['copy'], ['hardlink'], ['symlink']] as const)(
    'does not reach the workspace by %s',
    async (...link) => {
      for (const size of [10, 2_000_000]) {
        const { cache, folder } = await cacheIn(link);
        const digest = cache.putBytes(Buffer.alloc(size, 'a'));
        damage(objectPath(cache, digest), `b${'a'.repeat(size - 1)}`);
        writeFileSync(join(folder, 'target'), 'before');
        expect(() => cache.checkoutFile(digest, join(folder, 'target'), false)).toThrow(
          expect.objectContaining({ kind: 'damaged' }),
        );
        expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('before');
        expect(existsSync(join(folder, 'tmp')) ? readdirSync(join(folder, 'tmp')) : []).toEqual([]);
      }
    },
  );

  test('that was cut off is replaced when its bytes are put again', async () => {
    const { cache } = await cacheIn();
    const digest = cache.putBytes(Buffer.from('whole'));
    damage(objectPath(cache, digest), '');
    cache.putBytes(Buffer.from('whole'));
    expect(cache.isSound(digest)).toBe(true);
  });

  test('is told from a sound one', async () => {
    const { cache } = await cacheIn();
    const digest = cache.putBytes(Buffer.from('sound'));
    expect(cache.isSound(digest)).toBe(true);
    damage(objectPath(cache, digest), 'sounb');
    expect(cache.isSound(digest)).toBe(false);
    expect(cache.isSound(digestOf('never put'))).toBe(false);
  });
});

test('unfinished work of the dead is swept after a day; that of the living stays, and so does what is not ours', async () => {
  const { cache, open, folder } = await cacheIn();
  const tmp = join(cache.dir, 'v1/tmp');
  const dead = 2 ** 22 + 1;
  const [old, young] = [randomUUID(), randomUUID()];
  for (const place of [tmp, join(folder, 'tmp')]) {
    mkdirSync(place, { recursive: true });
    for (const name of [
      `${dead}.${old}.7`,
      `${dead}.${young}`,
      `${process.pid}.${old}`,
      `params.${old}`,
      'params.json',
    ]) {
      writeFileSync(join(place, name), 'x');
      if (!name.includes(young)) utimesSync(join(place, name), 1, 1);
    }
  }
  open().putBytes(Buffer.from('something'));
  for (const place of [tmp, join(folder, 'tmp')]) {
    expect(readdirSync(place).sort()).toEqual([`${dead}.${young}`, `${process.pid}.${old}`, 'params.json'].sort());
  }
});
