import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endianness } from 'node:os';
import { expect, test } from 'vitest';
import { digestFromHex, hexOf } from '../../../src/core/digest.ts';
import type { TreeEntry } from '../../../src/core/tree.ts';
import { buildTree } from '../../../src/stores/cache/trees.ts';
import { encodeIndex } from '../../../src/stores/index/encoding.ts';
import { encodeFolder, type IndexRow } from '../../../src/stores/index/folder-block.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { readFolder, readStatIndex, type ReadEntry } from '../../support/pack-reader.ts';

const hexOfText = (text: string): string => hexOf(digestOf(text));

/** A flat folder as objects, by the hex digits of their digests. */
function folderOf(count: number) {
  const entries = Array.from({ length: count }, (_, at): TreeEntry => {
    const name = `${at.toString(36)}.jpg`;
    return { name, kind: 'file', size: at, files: 1, digest: digestOf(name) };
  });
  const objects = new Map<string, Buffer>();
  const root = buildTree(entries, (bytes) => {
    const copy = Buffer.from(bytes);
    objects.set(hexOf(digestOf(copy)), copy);
    return digestOf(copy);
  });
  return { objects, entries, root: hexOf(root.digest) };
}

test.each([
  [4096, 0, '50f93741f869726d'],
  [4097, 1, 'f2e8d45e239b8d2b'],
  [80_000, 2, 'fb15dbc8ad2d99b5'],
])('a folder of %i names is told the same by both readers, and its digest is a promise', (count, levels, promise) => {
  const { objects, entries, root } = folderOf(count);
  const pages: { level: number; first: string; isFirst: boolean }[] = [];
  const found: ReadEntry[] = readFolder(objects, root, (level, first, isFirst) =>
    pages.push({ level, first, isFirst }),
  );
  const byName = entries.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  expect(found.map(({ name, size, digest }) => `${name} ${size} ${digest}`)).toEqual(
    byName.map(({ name, size, digest }) => `${name} ${size} ${hexOf(digest)}`),
  );
  expect(Math.max(0, ...pages.map(({ level }) => level + 1))).toBe(levels);
  // The law of pages, as it is written: one begins where the digest of its first name begins with a zero byte for each level.
  for (const { level, first, isFirst } of pages) {
    if (!isFirst) expect([first, hexOfText(first).slice(0, 2 * (level + 1))]).toEqual([first, '00'.repeat(level + 1)]);
  }
  const begins = pages.filter(({ level, isFirst }) => level === 0 && !isFirst).map(({ first }) => first);
  if (levels === 1)
    expect(begins).toEqual(
      byName.flatMap(({ name }, at) => (at > 0 && hexOfText(name).startsWith('00') ? [name] : [])),
    );
  expect(root).toMatch(new RegExp(`^${promise}`));
});

test('the stat index is these bytes, and read by a reader that shares no code', (context) => {
  if (endianness() === 'BE') context.skip();
  const row = (at: number, more: Partial<IndexRow> = {}): IndexRow => ({
    mtime: 1_700_000_000_000.5 + at,
    ctime: 1_700_000_000_001 + at,
    size: at * 1000,
    ino: 42 + at,
    digest: digestFromHex(`${at}${at}`.repeat(32)),
    racy: false,
    kind: 'file',
    ...more,
  });
  const listing = {
    ...{ mtime: 5, ctime: 6, ino: 7, size: 3000, files: 2, hasOwnRules: true },
    ...{ rules: digestFromHex('ee'.repeat(32)), digest: digestFromHex('dd'.repeat(32)) },
  };
  const line = (name: string, kept: IndexRow, isListed: boolean) => ({ name, row: kept, kind: kept.kind, isListed });
  const lines = [
    line('b', row(2, { kind: 'executable', racy: true }), true),
    line('a.csv', row(1), true),
    line('ü', row(3, { kind: 'tree' }), true),
    line('gone', row(4, { kind: null }), false),
  ];
  const blocks = [
    encodeFolder({ path: '', lines: [line('one', row(5, { kind: 'symlink' }), false)], listing: null }),
    encodeFolder({ path: 'data/sub', lines, listing }),
  ];
  const bytes = Buffer.from(encodeIndex(['data', 'one'], blocks));
  expect(readFileSync(join(import.meta.dirname, 'golden/stat.index')).equals(bytes)).toBe(true);
  const read = readStatIndex(bytes);
  expect(read.digest).toBe(hexOf(digestOf(bytes.subarray(64))));
  expect(read).toMatchObject({
    tracked: ['data', 'one'],
    folders: [
      { path: '', listing: null, rows: [{ name: 'one', size: 5000, kind: 3, isRacy: false, isListed: false }] },
      {
        path: 'data/sub',
        listing: {
          mtime: 5,
          ctime: 6,
          ino: 7,
          size: 3000,
          files: 2,
          hasOwnRules: true,
          tree: 'dd'.repeat(32),
          rules: 'ee'.repeat(32),
        },
        rows: [
          {
            name: 'a.csv',
            mtime: 1_700_000_000_001.5,
            ctime: 1_700_000_000_002,
            size: 1000,
            ino: 43,
            kind: 1,
            isListed: true,
          },
          { name: 'b', digest: '22'.repeat(32), kind: 2, isRacy: true, isListed: true },
          { name: 'gone', kind: 0, isListed: false },
          { name: 'ü', kind: 4, isListed: true },
        ],
      },
    ],
  });
});
