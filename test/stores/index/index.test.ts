import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Digest, digestFromHex } from '../../../src/core/digest.ts';
import { decodeIndex, encodeIndex } from '../../../src/stores/index/encoding.ts';
import { encodeFolder, type FileStat, type IndexRow, type Listing } from '../../../src/stores/index/folder-block.ts';
import { openIndex } from '../../../src/stores/index/index.ts';
import type { FileClock } from '../../../src/stores/index/racy.ts';
import { createFolder } from '../../support/sandbox.ts';

const A = digestFromHex('aa'.repeat(32));
const B = digestFromHex('bb'.repeat(32));
const stat = (time: number, more: Partial<FileStat> = {}): FileStat => ({
  mtimeMs: time,
  ctimeMs: time,
  size: 5,
  ino: 9,
  ...more,
});

/** A file system's clock that stands still until it is moved. */
function clockAt(start: number): FileClock & { time: number; readonly asked: number } {
  let asked = 0;
  const clock = {
    time: start,
    get asked() {
      return asked;
    },
    now: () => {
      asked++;
      return clock.time;
    },
  };
  return clock;
}

async function indexIn(clock: FileClock = clockAt(1000)) {
  const folder = await createFolder();
  const file = join(folder, 'index');
  return { file, folder, open: () => openIndex(file, { tmp: join(folder, 'tmp'), clock }) };
}

/** Looks a file up, and reads it if it has to. */
function look(index: ReturnType<typeof openIndex>, path: string, now: FileStat, content: Digest): 'known' | 'read' {
  if (index.lookUp(path, now) !== undefined) return 'known';
  index.record(path, now, content);
  return 'read';
}

describe('the index', () => {
  test('knows a file that did not change, also in the next command', async () => {
    const { open } = await indexIn();
    const index = open();
    expect(look(index, 'data/a.txt', stat(10), A)).toBe('read');
    expect(look(index, 'b.txt', stat(20), B)).toBe('read');
    expect(index.lookUp('data/a.txt', stat(10))).toBe(A);
    index.save();
    expect(open().lookUp('data/a.txt', stat(10))).toBe(A);
    expect(open().lookUp('b.txt', stat(20))).toBe(B);
    expect(open().lookUp('data/b.txt', stat(20))).toBeUndefined();
  });

  test.each([{ mtimeMs: 11 }, { ctimeMs: 11 }, { size: 6 }, { ino: 10 }])(
    'does not know it with another %o',
    async (more) => {
      const { open } = await indexIn();
      const index = open();
      look(index, 'a.txt', stat(10), A);
      index.save();
      expect(open().lookUp('a.txt', stat(10, more))).toBeUndefined();
    },
  );

  test('tells what was once here from what never was', async () => {
    const { open } = await indexIn();
    const index = open();
    look(index, 'data/deep/a.txt', stat(10), A);
    index.track('elsewhere');
    index.save();
    const next = open();
    for (const path of ['data', 'data/deep', 'data/deep/a.txt', 'elsewhere']) expect(next.wasHere(path)).toBe(true);
    for (const path of ['dat', 'data/deep/b.txt', 'data/a.txt']) expect(next.wasHere(path)).toBe(false);
    next.forget('data');
    next.untrack('elsewhere');
    next.save();
    expect(open().wasHere('data')).toBe(false);
    expect(open().tracked()).toEqual(new Set());
  });

  test('that is damaged anywhere counts as empty, and is made anew', async () => {
    const { file, open } = await indexIn();
    const index = open();
    look(index, 'data/a.txt', stat(10), A);
    index.track('data');
    index.save();
    const bytes = readFileSync(file);
    for (let at = 0; at < bytes.length; at++) {
      if (at >= 56 && at < 64) continue; // Room in the header for later versions.
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      expect([at, decodeIndex(damaged)]).toEqual([at, undefined]);
    }
    for (let length = 0; length < bytes.length; length++)
      expect(decodeIndex(bytes.subarray(0, length))).toBeUndefined();
    writeFileSync(file, bytes.subarray(0, 100));
    const next = open();
    expect(next.tracked()).toEqual(new Set());
    expect(look(next, 'data/a.txt', stat(10), A)).toBe('read');
    next.save();
    expect(open().lookUp('data/a.txt', stat(10))).toBe(A);
  });

  test('keeps what two processes saved', async () => {
    const { open } = await indexIn();
    const [one, two] = [open(), open()];
    look(one, 'data/a.txt', stat(10), A);
    one.track('data');
    look(two, 'data/b.txt', stat(10), B);
    two.track('other');
    one.save();
    two.save();
    expect(open().lookUp('data/a.txt', stat(10))).toBe(A);
    expect(open().lookUp('data/b.txt', stat(10))).toBe(B);
    expect(open().tracked()).toEqual(new Set(['data', 'other']));
  });

  test('knows folders without files too', async () => {
    const { open } = await indexIn();
    const index = open();
    index.recordFolder('data/empty');
    index.save();
    expect(open().wasHere('data/empty')).toBe(true);
    expect(open().wasHere('data')).toBe(true);
    const next = open();
    next.forget('data');
    next.save();
    expect(open().wasHere('data/empty')).toBe(false);
  });

  test('is not written when nothing changed', async () => {
    const { file, open } = await indexIn();
    open().save();
    expect(existsSync(file)).toBe(false);
  });
});

describe('a file that may have changed within one tick of the clock', () => {
  test('is read again next time, and known from then on', async () => {
    const clock = clockAt(1000);
    const { open } = await indexIn(clock);
    const index = open();
    look(index, 'a.txt', stat(1000), A);
    index.save();
    // The same size and times, other bytes: nothing but reading tells.
    clock.time = 2000;
    const next = open();
    expect(look(next, 'a.txt', stat(1000), B)).toBe('read');
    next.save();
    expect(open().lookUp('a.txt', stat(1000))).toBe(B);
  });

  test('is judged by the time of its last change, which nobody can set', async () => {
    const clock = clockAt(1000);
    const { open } = await indexIn(clock);
    const index = open();
    look(index, 'old-times.txt', stat(10, { ctimeMs: 1000 }), A);
    look(index, 'future.txt', stat(99_999, { ctimeMs: 500 }), A);
    index.save();
    expect(open().lookUp('old-times.txt', stat(10, { ctimeMs: 1000 }))).toBeUndefined();
    expect(open().lookUp('future.txt', stat(99_999, { ctimeMs: 500 }))).toBe(A);
  });

  test('where the time of change stands still, is judged by the other one', async () => {
    const { open } = await indexIn(clockAt(1000));
    const index = open();
    look(index, 'fat.txt', stat(1000, { ctimeMs: 1 }), A);
    index.save();
    expect(open().lookUp('fat.txt', stat(1000, { ctimeMs: 1 }))).toBeUndefined();
  });

  test('if we wrote it, saving waits until the tick is over', async () => {
    const clock = clockAt(1000);
    const ticking: FileClock = { now: () => (clock.time += 1) };
    const { open } = await indexIn(ticking);
    const index = open();
    index.recordWritten('a.txt', stat(1003), A);
    index.save();
    expect(clock.time).toBe(1004);
    expect(open().lookUp('a.txt', stat(1003))).toBe(A);
  });

  test('the clock is only asked for files that are new to it', async () => {
    const clock = clockAt(1000);
    const { open } = await indexIn(clock);
    const index = open();
    for (let at = 0; at < 50; at++) look(index, `${at}.txt`, stat(10), A);
    expect(clock.asked).toBe(1);
  });

  test('on a real file system too', async () => {
    const { folder, file } = await indexIn();
    const open = () => openIndex(file, { tmp: join(folder, 'tmp') });
    const path = join(folder, 'a.txt');
    writeFileSync(path, 'a');
    utimesSync(path, 1, 1);
    const { statSync } = await import('node:fs');
    const index = open();
    index.recordWritten('a.txt', statSync(path), A);
    index.save();
    expect(open().lookUp('a.txt', statSync(path))).toBe(A);
    rmSync(path);
    writeFileSync(path, 'b');
    utimesSync(path, 1, 1);
    expect(open().lookUp('a.txt', statSync(path))).toBeUndefined();
  });
});

test('an index comes back as it was written', () => {
  const number = fc.double({ noNaN: true, min: 0, max: 1e13 });
  const digest = fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => digestFromHex(Buffer.from(bytes).toString('hex')));
  const row: fc.Arbitrary<IndexRow> = fc.record({
    mtime: number,
    ctime: number,
    size: number,
    ino: number,
    digest,
    racy: fc.boolean(),
    kind: fc.constantFrom(null, 'file', 'executable', 'symlink', 'tree'),
  });
  const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\0/]/.test(text));
  const listing: fc.Arbitrary<Listing> = fc.record({
    mtime: number,
    ctime: number,
    ino: number,
    size: number,
    files: number,
    digest,
    rules: digest,
    hasOwnRules: fc.boolean(),
  });
  const folder = fc.record({
    rows: fc.dictionary(name, row, { minKeys: 1, maxKeys: 8 }),
    listing: fc.option(listing),
    isListed: fc.func(fc.boolean()),
  });
  const folders = fc.dictionary(name, folder, { maxKeys: 8 });
  fc.assert(
    fc.property(fc.uniqueArray(name), folders, (tracked, content) => {
      const blocks = Object.entries(content).map(([path, { rows, listing: was, isListed }]) => {
        const lines = Object.entries(rows).map(([each, kept]) => ({
          ...{ name: each, row: kept, kind: kept.kind },
          isListed: isListed(each),
        }));
        return encodeFolder({ path, lines, listing: was });
      });
      const decoded = decodeIndex(encodeIndex(tracked, blocks));
      expect(decoded?.tracked).toEqual(tracked);
      expect(decoded?.folders.length).toBe(Object.keys(content).length);
      for (const found of decoded?.folders ?? []) {
        const { rows, listing: was, isListed } = content[found.path] ?? {};
        expect(found.listing).toEqual(was);
        expect(Object.fromEntries(found.names.map((each, at) => [each, found.row(at)]))).toEqual({ ...rows });
        for (const [at, each] of found.names.entries()) expect(found.isListedAt(at)).toBe(isListed?.(each));
      }
    }),
  );
});
