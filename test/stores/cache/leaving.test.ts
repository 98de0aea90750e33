import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Digest, hexOf } from '../../../src/core/digest.ts';
import { type Cache, openCache } from '../../../src/stores/cache/cache.ts';
import { removeUnlessWanted } from '../../../src/stores/cache/leaving.ts';
import { createFolder } from '../../support/sandbox.ts';

const LONG_AGO = 1000;
const MOMENT = Date.now() - 3600 * 1000;
const isWanted = (modified: number): boolean => modified > MOMENT;
const textOf = (at: number): Buffer => Buffer.from(`the text of ${at}`);

/** A cache with an old object in a file of its own, or with old ones in a pack, and the file that a collection would remove. */
async function oldObject(kind: 'file' | 'pack') {
  const folder = await createFolder();
  const dir = join(folder, 'cache');
  const open = () => openCache(dir, { link: ['copy'], tmp: join(folder, 'tmp') });
  const put = (cache: Cache): Promise<Digest> | Digest =>
    kind === 'file'
      ? cache.putBytes(textOf(7))
      : cache.batch((batch) => Array.from({ length: 30 }, (_, at) => batch.putBytes(textOf(at)))[7] ?? fail());
  const digest = await put(open());
  const v1 = join(dir, 'v1');
  const packs = () => readdirSync(join(v1, 'packs')).filter((name) => name.endsWith('.pack'));
  const path = kind === 'file' ? (open().pathOf(digest) ?? '') : join(v1, 'packs', packs()[0] ?? '');
  const name = kind === 'file' ? hexOf(digest) : (packs()[0] ?? '');
  utimesSync(path, LONG_AGO, LONG_AGO);
  const leave = () => {
    mkdirSync(join(v1, 'leaving'), { recursive: true });
    renameSync(path, join(v1, 'leaving', name));
  };
  const collect = (meanwhile: () => void = () => undefined) =>
    removeUnlessWanted(v1, path, name, (modified) => (meanwhile(), isWanted(modified)));
  const left = () => readdirSync(join(v1, 'leaving'));
  return { open, put, digest, path, leave, collect, left, v1, name };
}

function fail(): never {
  throw new Error('There is no such object.');
}

describe.each(['file', 'pack'] as const)('an old %s that a collection removes', (kind) => {
  test('is gone when nobody wants it', async () => {
    const { open, digest, collect, left } = await oldObject(kind);
    expect(collect()).toBe(true);
    expect([open().has(digest), left()]).toEqual([false, []]);
    expect(collect()).toBe(false);
  });

  test('stays when it was renewed before it lost its name', async () => {
    const { open, digest, path, collect, left } = await oldObject(kind);
    expect(open().touch(digest)).toBe(true);
    expect(collect()).toBe(false);
    expect([open().has(digest), left(), isWanted(statSync(path).mtimeMs)]).toEqual([true, [], true]);
  });

  test('stays when it is wanted while it has no name, by a process that knew it and by one that did not', async () => {
    for (const knows of [true, false]) {
      const { open, digest, path, collect, left } = await oldObject(kind);
      const cache = open();
      if (knows) cache.readBytes(digest);
      expect(collect(() => expect(cache.touch(digest)).toBe(true))).toBe(false);
      expect([cache.has(digest), open().has(digest), left()]).toEqual([true, true, []]);
      expect(isWanted(statSync(path).mtimeMs)).toBe(true);
    }
  });

  test('is read, looked up and listed while it has no name', async () => {
    for (const look of [
      (cache: Cache, digest: Digest) => Buffer.from(cache.readBytes(digest)).equals(textOf(7)),
      (cache: Cache, digest: Digest) => cache.has(digest),
      (cache: Cache, digest: Digest) => cache.presence()(digest),
      (cache: Cache, digest: Digest) => cache.isSound(digest),
      (cache: Cache, digest: Digest) => [...cache.list()].some((object) => object.digest === digest),
    ]) {
      const { open, digest, leave } = await oldObject(kind);
      leave();
      expect(look(open(), digest)).toBe(true);
    }
  });

  test('stays when its bytes are put again while it has no name, or after it is gone', async () => {
    const during = await oldObject(kind);
    let done: Promise<Digest> | Digest = during.digest;
    during.collect(() => (done = during.put(during.open())));
    await done;
    expect(Buffer.from(during.open().readBytes(during.digest))).toEqual(textOf(7));
    const after = await oldObject(kind);
    const knowing = after.open();
    knowing.readBytes(after.digest);
    expect(after.collect()).toBe(true);
    await after.put(knowing);
    expect(Buffer.from(after.open().readBytes(after.digest))).toEqual(textOf(7));
  });

  test('that a killed collection left without its name is there, and the next collection finds it old still', async () => {
    const { open, digest, leave, path, collect, left } = await oldObject(kind);
    leave();
    expect([...open().list()].map((object) => object.digest)).toContain(digest);
    expect([left(), statSync(path).mtimeMs]).toEqual([[], LONG_AGO * 1000]);
    expect(collect()).toBe(true);
  });

  test('does not take the place, nor the date, of what was put anew', async () => {
    const { open, digest, leave, path, put, v1, name, left } = await oldObject(kind);
    const bytes = readFileSync(path);
    leave();
    const old = join(v1, 'leaving', name);
    renameSync(old, `${old}.hidden`);
    await put(open());
    renameSync(`${old}.hidden`, old);
    expect([...open().list()].map((object) => object.digest)).toContain(digest);
    expect([left(), isWanted(statSync(path).mtimeMs), readFileSync(path)]).toEqual([[], true, bytes]);
  });

  test('is removed once by two collections at once', async () => {
    const { open, digest, collect } = await oldObject(kind);
    const results: boolean[] = [];
    results.push(collect(() => results.push(collect())));
    expect(results.filter(Boolean).length).toBe(1);
    expect(open().has(digest)).toBe(false);
  });
});
