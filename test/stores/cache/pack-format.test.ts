import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestFromHex, hexOf } from '../../../src/core/digest.ts';
import { encodeTree } from '../../../src/core/tree.ts';
import { decodePackEnd, encodePackEnd, PACK_HEADER, sortByDigest } from '../../../src/stores/cache/pack-format.ts';
import { encodePackIndex, PackIndex } from '../../../src/stores/cache/pack-index.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { findInPackIndex, readPack, readTreeBytes } from '../../support/pack-reader.ts';

const golden = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'golden', name));
const CONTENTS = ['', 'a,b\n1,2\n', 'sepal length', 'x'.repeat(300)].map((text) => Buffer.from(text));

/** A pack of these contents, one after another. */
function packOf(contents: readonly Uint8Array[]) {
  let offset = PACK_HEADER.length;
  const objects = contents.map((bytes) => {
    const object = { digest: digestOf(bytes), offset, length: bytes.length };
    offset += bytes.length;
    return object;
  });
  const pack = Buffer.concat([PACK_HEADER, ...contents, encodePackEnd(objects, offset)]);
  return { pack, objects, index: Buffer.from(encodePackIndex(objects)) };
}

function decode(pack: Buffer) {
  return decodePackEnd('The pack p', pack.length, (at, length) => pack.subarray(at, at + length));
}

test('objects are put in the order of their digests, also of those that begin alike', () => {
  const hex = fc.tuple(fc.constantFrom('00000000', '00000001', 'ffffffff'), fc.constantFrom('0', '7', 'f'));
  fc.assert(
    fc.property(fc.array(hex), (all) => {
      const digests = all.map(([first, rest]) => digestFromHex(first + rest.repeat(56)));
      const sorted = sortByDigest(digests.map((digest, offset) => ({ digest, offset, length: 0 })));
      expect(sorted.map(({ digest }) => digest)).toEqual([...digests].sort());
    }),
  );
});

describe('golden files', () => {
  test('of a pack and its index are written to the byte, and read by a reader that shares no code', () => {
    const { pack, index } = packOf(CONTENTS);
    expect(golden('four.pack').equals(pack)).toBe(true);
    expect(golden('four.idx').equals(index)).toBe(true);
    const read = readPack(golden('four.pack'));
    expect(read.size).toBe(CONTENTS.length);
    for (const bytes of CONTENTS) {
      const hex = hexOf(digestOf(bytes));
      expect(read.get(hex)?.equals(bytes)).toBe(true);
      const { offset = 0, length = -1 } = findInPackIndex(golden('four.idx'), hex) ?? {};
      expect(
        golden('four.pack')
          .subarray(offset, offset + length)
          .equals(bytes),
      ).toBe(true);
    }
    expect(findInPackIndex(golden('four.idx'), hexOf(digestOf('nowhere')))).toBeUndefined();
  });

  test('of a folder, and of a page above folders, too', () => {
    const digest = digestOf('a');
    const entries = [
      { name: 'deep', kind: 'tree' as const, size: 300, files: 2, digest },
      { name: 'link', kind: 'symlink' as const, size: 5, files: 1, digest },
      { name: 'run.sh', kind: 'executable' as const, size: 128, files: 1, digest },
      { name: 'über.txt', kind: 'file' as const, size: 70_000, files: 1, digest },
    ];
    const folder = golden('folder.tree');
    expect(folder.equals(encodeTree({ level: 0, entries }))).toBe(true);
    expect(readTreeBytes(folder)).toEqual(
      entries.map(({ name, kind, size }) => ({ name, kind, size, digest: hexOf(digest) })),
    );
    const pages = [{ first: 'a', count: 3, size: 400, files: 5, digest }];
    const above = golden('pages.tree');
    expect(above.equals(encodeTree({ level: 1, pages }))).toBe(true);
    expect(readTreeBytes(above)).toEqual([{ kind: 'page', name: 'a', size: 400, digest: hexOf(digest) }]);
  });
});

const contents = fc.uniqueArray(fc.uint8Array({ maxLength: 40 }), {
  maxLength: 40,
  selector: (each) => digestOf(each),
});

test('a pack and its index say what was put in, whatever that is', () => {
  fc.assert(
    fc.property(contents, (all) => {
      const { pack, objects, index } = packOf(all);
      const sorted = sortByDigest(objects);
      expect(decode(pack)).toEqual(sorted);
      const read = new PackIndex(index, 'The index i');
      expect([...read.objects()]).toEqual(sorted);
      for (const object of objects) expect(read.find(object.digest)).toEqual(object);
      expect(read.find(digestFromHex('00'.repeat(32)))).toBeUndefined();
      expect(read.find(digestFromHex('ff'.repeat(32)))).toBeUndefined();
      expect([...readPack(pack).keys()]).toEqual(sorted.map(({ digest }) => hexOf(digest)));
    }),
  );
});

describe('anything else is refused by name', () => {
  const { pack, objects, index } = packOf(CONTENTS);
  const indexAt = pack.length - 40 * (CONTENTS.length + 1);

  test('each byte of the end of a pack, and each of an index', () => {
    for (let at = 0; at < pack.length; at++) {
      if (at >= PACK_HEADER.length && at < indexAt) continue;
      const damaged = Buffer.from(pack);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      expect(() => decode(damaged)).toThrow('The pack p is not valid: ');
    }
    for (let at = 0; at < index.length; at++) {
      const damaged = Buffer.from(index);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      expect(() => new PackIndex(damaged, 'The index i')).toThrow('The index i is not valid: ');
    }
  });

  test('each length but the right one', () => {
    for (let length = 0; length < pack.length; length++) {
      expect(() => decode(pack.subarray(0, length))).toThrow('is not valid');
    }
    for (let length = 0; length < index.length; length++) {
      expect(() => new PackIndex(index.subarray(0, length), 'The index i')).toThrow('is not valid');
    }
    expect(() => decode(Buffer.concat([pack, Buffer.from([0])]))).toThrow('is not valid');
    expect(() => new PackIndex(Buffer.concat([index, Buffer.from([0])]), 'The index i')).toThrow('is not valid');
  });

  test('places that overlap, leave gaps or lie outside, though the checksum is right', () => {
    const [first, ...rest] = objects;
    if (first === undefined) throw new Error('there are no objects');
    const wrong = [
      [{ ...first, offset: first.offset + 1 }, ...rest],
      [{ ...first, length: first.length + 1 }, ...rest],
      [...rest.slice(0, 2), first],
      [first, first, ...rest],
    ];
    for (const each of wrong) {
      const bytes = Buffer.concat([PACK_HEADER, ...CONTENTS, encodePackEnd(each, indexAt)]);
      expect(() => decode(bytes)).toThrow('is not valid');
    }
    expect(() => new PackIndex(encodePackIndex([first, first, ...rest]), 'The index i')).toThrow('are not in order');
  });

  test('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect(() => decode(Buffer.from(bytes))).toThrow('is not valid');
        expect(() => new PackIndex(bytes, 'The index i')).toThrow('is not valid');
      }),
    );
  });
});
