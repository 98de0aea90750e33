import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Digest, digestFromHex } from '../../src/core/digest.ts';
import { nameProblem } from '../../src/core/entry-name.ts';
import { decodeTree, encodeTree, type TreeEntry } from '../../src/core/tree.ts';
import { compareCodePoints } from '../../src/core/value.ts';

const digest = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes): Digest => digestFromHex(Buffer.from(bytes).toString('hex')));
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text) => nameProblem(text) === null);
const count = fc.maxSafeNat();
const entry: fc.Arbitrary<TreeEntry> = fc.oneof(
  fc.record({
    name,
    kind: fc.constantFrom('file', 'executable', 'symlink'),
    size: count,
    files: fc.constant(1),
    digest,
  }),
  fc.record({ name, kind: fc.constant('tree' as const), size: count, files: count, digest }),
);
const entries = fc.uniqueArray(entry, { selector: (one) => one.name, maxLength: 60 });
const D = digestFromHex('ab'.repeat(32));

describe('a tree', () => {
  test('comes back as it was, its entries in the order of their bytes', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const tree = decodeTree(encodeTree({ level: 0, entries: list }), 'it');
        const ordered = [...list].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
        expect(tree).toEqual({ level: 0, entries: ordered });
      }),
    );
  });

  test('has the same bytes in whatever order its entries come', () => {
    fc.assert(
      fc.property(
        entries.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, shuffled]) => {
          expect(encodeTree({ level: 0, entries: shuffled })).toEqual(encodeTree({ level: 0, entries: list }));
        },
      ),
    );
  });

  test('has one encoding: any other bytes are refused, or stand for another tree', () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.integer({ min: 1, max: 255 }), (list, at, flip) => {
        const bytes = Buffer.from(encodeTree({ level: 0, entries: list }));
        const place = at % bytes.length;
        bytes[place] = (bytes[place] ?? 0) ^ flip;
        try {
          const tree = decodeTree(bytes, 'it');
          expect(Buffer.from(encodeTree(tree))).toEqual(bytes);
        } catch (error) {
          expect(error).toMatchObject({ kind: 'damaged' });
        }
      }),
      { numRuns: 500 },
    );
  });

  test('that is cut off or followed by more is refused', () => {
    const bytes = encodeTree({ level: 0, entries: [{ name: 'a', kind: 'file', size: 300, files: 1, digest: D }] });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeTree(bytes.subarray(0, length), 'it')).toThrow('it is not a valid tree');
    }
    expect(() => decodeTree(Buffer.concat([bytes, Buffer.alloc(1)]), 'it')).toThrow('it has more bytes than it should');
  });

  test('is these bytes: the format is a promise', () => {
    const bytes = encodeTree({
      level: 0,
      entries: [
        { name: 'b', kind: 'tree', size: 300, files: 2, digest: D },
        { name: 'a.txt', kind: 'executable', size: 1, files: 1, digest: D },
      ],
    });
    expect(Buffer.from(bytes).toString('hex')).toBe(
      [
        Buffer.from('mlops tree\0').toString('hex'),
        '01', // version
        '00', // level: entries
        '02', // how many
        `0205${Buffer.from('a.txt').toString('hex')}01${'ab'.repeat(32)}`,
        `0401${Buffer.from('b').toString('hex')}ac0202${'ab'.repeat(32)}`,
      ].join(''),
    );
  });

  test('of pages comes back too', () => {
    const pages = ['a', 'm', 'z'].map((first) => ({ first, count: 256, size: 9000, files: 300, digest: D }));
    expect(decodeTree(encodeTree({ level: 2, pages }), 'it')).toEqual({ level: 2, pages });
    expect(() => decodeTree(encodeTree({ level: 1, pages: [] }), 'it')).toThrow('it has a level without pages');
  });

  const file = (text: string): TreeEntry => ({ name: text, kind: 'file', size: 1, files: 1, digest: D });
  test.each(['..', '.git', 'git~1', '.mlops', 'a/b', 'nul'])('with the name %j is refused', (text) => {
    expect(() => decodeTree(encodeTree({ level: 0, entries: [file(text)] }), 'it')).toThrow(
      'it is not a valid tree: the name',
    );
  });

  test('with a name twice is refused', () => {
    const bytes = encodeTree({ level: 0, entries: [file('a'), file('a')] });
    expect(() => decodeTree(bytes, 'it')).toThrow('are not in order');
  });

  test('with a name that is not UTF-8, or a number in a longer form, is refused', () => {
    const bytes = Buffer.from(encodeTree({ level: 0, entries: [file('a')] }));
    const bad = Buffer.from(bytes);
    bad[bytes.indexOf(0x61, 14)] = 0xff;
    expect(() => decodeTree(bad, 'it')).toThrow('it has a text that is not UTF-8');
    const long = Buffer.concat([bytes.subarray(0, 13), Buffer.of(0x81, 0x00), bytes.subarray(14)]);
    expect(() => decodeTree(long, 'it')).toThrow('not in its shortest form');
  });
});

test('the order of code points is the order of UTF-8 bytes', () => {
  fc.assert(
    fc.property(name, name, (a, b) => {
      expect(Math.sign(compareCodePoints(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
