import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Digest, hexOf } from '../../src/core/digest.ts';
import { MlopsError } from '../../src/core/errors.ts';
import { decodeTree, encodeTree, ENTRIES_PER_TREE, everyObject, type TreeEntry } from '../../src/core/tree.ts';
import { layoutOf } from '../../src/project/layout.ts';
import { findRead, keepRead, type Read } from '../../src/project/read-once.ts';
import { decodePackEnd, encodePackEnd, PACK_HEADER } from '../../src/stores/cache/pack-format.ts';
import { encodePackIndex, PackIndex } from '../../src/stores/cache/pack-index.ts';
import { buildTree } from '../../src/stores/cache/trees.ts';
import { encodeLockfile, parseLockfile } from '../../src/stores/documents/lockfile.ts';
import { decodeIndex, encodeIndex } from '../../src/stores/index/encoding.ts';
import { encodeFolder, type FolderLine, type IndexRow } from '../../src/stores/index/folder-block.ts';
import { digestOf } from '../../src/system/hash.ts';
import { stageOf } from '../support/pipelines.ts';
import { createFolder } from '../support/sandbox.ts';
import { DAMAGES, spoil } from './kit/damage.ts';
import { type Chance, chanceFrom, roundsOr } from './kit/rounds.ts';

/** One way of writing things down. `again` reads bytes, and writes what it read; undefined: they count as not there. */
interface Codec {
  readonly name: string;
  readonly bytes: (chance: Chance) => Buffer;
  readonly again: (bytes: Buffer) => Uint8Array | undefined;
  /** Makes the checksum right again, so that what lies behind it is met. */
  readonly sign?: (bytes: Buffer) => Buffer;
  /** Whether what is only read as far as it is asked for may be other bytes, though it is signed. */
  readonly isLazy?: boolean;
}

const hex = (bytes: Uint8Array): Buffer => Buffer.from(hexOf(digestOf(bytes)), 'hex');

const NAMES = ['a', 'B', 'b.csv', 'ü', 'u\u0308', '😀.png', '-n', ' x', 'a b', '"', "it's", 'x'.repeat(200)];

function entriesBy(chance: Chance): TreeEntry[] {
  const names = new Set(Array.from({ length: chance.below(12) }, () => chance.pick(NAMES)));
  return [...names].map((name): TreeEntry => {
    const kind = chance.pick(['file', 'executable', 'symlink', 'tree'] as const);
    const size = chance.pick([0, 1, 127, 128, 300_000, 2 ** 32, Number.MAX_SAFE_INTEGER]);
    return { name, kind, size, files: kind === 'tree' ? chance.below(300) : 1, digest: digestOf(name + size) };
  });
}

function objectsBy(chance: Chance) {
  let offset = PACK_HEADER.length;
  const contents = Array.from({ length: chance.below(20) }, (_, at) => Buffer.alloc(chance.below(60), `${at} `));
  const fresh = new Map(contents.map((bytes) => [digestOf(bytes), bytes]));
  const objects = [...fresh].map(([digest, { length }]) => ({ digest, offset: (offset += length) - length, length }));
  return { objects, offset, body: Buffer.concat([PACK_HEADER, ...fresh.values()]) };
}

const readAll = (bytes: Buffer) => decodePackEnd('it', bytes.length, (at, length) => bytes.subarray(at, at + length));

function indexBy(chance: Chance): Buffer {
  const rowBy = (): IndexRow => ({
    mtime: chance.below(2 ** 31) / 8,
    ctime: chance.below(2 ** 31),
    size: chance.below(2 ** 31),
    ino: chance.below(2 ** 31),
    digest: digestOf(`${chance.below(1000)}`),
    racy: chance.below(2) === 0,
    kind: chance.pick([null, 'file', 'executable', 'symlink', 'tree'] as const),
  });
  const folders = [...new Set(Array.from({ length: chance.below(5) }, () => chance.pick(NAMES)))].sort();
  const blocks = folders.map((path) => {
    const names = new Set(entriesBy(chance).map(({ name }) => name));
    const lines = [...names].map((name): FolderLine => {
      const row = rowBy();
      return { name, row, kind: row.kind, isListed: false };
    });
    return encodeFolder({ path, lines, listing: null });
  });
  return Buffer.from(encodeIndex(folders, blocks));
}

const LOCKFILE = encodeLockfile({
  data: { 'a b': { kind: 'file', digest: digestOf('a'), size: 5, executable: true } },
  stages: {
    train: {
      cmd: ['node a.js', 'node "b".js'],
      shell: null,
      wdir: 'sub',
      deps: { data: { kind: 'tree', digest: digestOf('d'), size: 900, files: 3 } },
      params: { 'params.yaml': { a: 1n, b: 1.5, c: 'x: y', d: [null, true] } },
      env: { SEED: null },
      outputs: {
        o: {
          kind: 'file',
          digest: digestOf('o'),
          size: 1,
          executable: false,
          role: 'outs',
          cache: true,
          persist: true,
        },
      },
      settings: null,
    },
  },
});

const CODECS: readonly Codec[] = [
  {
    name: 'a tree',
    bytes: (chance) => Buffer.from(encodeTree({ level: 0, entries: entriesBy(chance) })),
    again: (bytes) => encodeTree(decodeTree(bytes, 'it')),
  },
  {
    name: 'a tree of pages',
    bytes: (chance) => {
      const entries = entriesBy(chance).sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
      const pages = [
        ...entries,
        ...(entries.length === 0 ? [{ name: 'a', size: 1, files: 1, digest: digestOf('') }] : []),
      ];
      const page = pages.map(({ name, ...rest }) => ({ ...rest, first: name, count: 3 }));
      return Buffer.from(encodeTree({ level: 1 + chance.below(3), pages: page }));
    },
    again: (bytes) => encodeTree(decodeTree(bytes, 'it')),
  },
  {
    name: 'the objects of a tree, looked at alone',
    bytes: (chance) => Buffer.from(encodeTree({ level: 0, entries: entriesBy(chance) })),
    again: (bytes) => (everyObject(bytes, 'it', (digest) => hexOf(digest).length === 64), undefined),
  },
  {
    name: 'a pack',
    bytes: (chance) => {
      const { objects, offset, body } = objectsBy(chance);
      return Buffer.concat([body, encodePackEnd(objects, offset)]);
    },
    again: (bytes) => {
      const objects = readAll(bytes);
      const end = objects.reduce((last, { offset, length }) => Math.max(last, offset + length), PACK_HEADER.length);
      return Buffer.concat([bytes.subarray(0, end), encodePackEnd(objects, end)]);
    },
    sign: (bytes) => {
      const count = bytes.length < 52 ? 0 : bytes.readUInt32LE(bytes.length - 40);
      const from = bytes.length - 40 - count * 40;
      return from < 0 ? bytes : Buffer.concat([bytes.subarray(0, -32), hex(bytes.subarray(from, -32))]);
    },
  },
  {
    name: 'the index of a pack',
    bytes: (chance) => Buffer.from(encodePackIndex(objectsBy(chance).objects)),
    again: (bytes) => encodePackIndex([...new PackIndex(bytes, 'it').objects()]),
    sign: (bytes) => Buffer.concat([bytes.subarray(0, -32), hex(bytes.subarray(0, -32))]),
  },
  {
    name: 'the stat index',
    bytes: indexBy,
    again: (bytes) => {
      const content = decodeIndex(bytes);
      for (const folder of content?.folders ?? []) for (const at of folder.names.keys()) folder.row(at);
      return (
        content &&
        encodeIndex(
          content.tracked,
          content.folders.map(({ raw }) => raw),
        )
      );
    },
    sign: (bytes) => Buffer.concat([bytes.subarray(0, 24), hex(bytes.subarray(64)), bytes.subarray(56)]),
    isLazy: true,
  },
  {
    name: 'the lockfile',
    bytes: () => Buffer.from(LOCKFILE),
    again: (bytes) => Buffer.from(encodeLockfile(parseLockfile(bytes.toString('latin1').replaceAll('\r', ' ')))),
  },
];

/** What comes of bytes: other ones, or what they are refused with. */
function attempt({ again }: Codec, bytes: Buffer): Uint8Array | 'refused' | undefined {
  try {
    return again(bytes);
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
    expect(['damaged', 'invalid-file']).toContain(error.kind);
    expect(error.message).toMatch(/^(it is not (a )?valid|There (is|are) .* in \.mlops\.lock\.yaml)/);
    return 'refused';
  }
}

const seeds = fc.nat({ max: 2 ** 31 - 1 });
const RUNS = roundsOr(60) * 4;

describe.each(CODECS)('$name', (codec) => {
  test('is written again as it was', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const bytes = codec.bytes(chanceFrom(seed));
        const again = attempt(codec, bytes);
        expect(again === undefined || (again !== 'refused' && bytes.equals(again))).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  test('spoiled in any way is refused by name, or is another one in its one encoding', () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), (seed, isSigned) => {
        const chance = chanceFrom(seed);
        let bytes = codec.bytes(chance);
        for (let times = 1 + chance.below(3); times > 0; times--) bytes = spoil(bytes, chance.pick(DAMAGES), chance);
        if (isSigned && bytes.length > 64) bytes = codec.sign?.(bytes) ?? bytes;
        const again = attempt(codec, bytes);
        if (again === undefined || again === 'refused') return;
        const read =
          codec.name === 'the lockfile' ? Buffer.from(bytes.toString('latin1').replaceAll('\r', ' ')) : bytes;
        expect(codec.isLazy === true || read.equals(again)).toBe(true);
      }),
      { numRuns: RUNS * 2 },
    );
  });
});

test('the kept pipeline, spoiled in any way, is read as it was or not at all', async () => {
  const layout = layoutOf(await createFolder());
  mkdirSync(layout.tmp, { recursive: true });
  const text = Buffer.from('stages: {}');
  const pipeline = { stages: [stageOf('a')], data: {}, metrics: [], params: [], plots: [], gates: [] };
  const read: Read = { settings: {}, pipeline, others: new Map() };
  keepRead(layout, text, read);
  const file = join(layout.state, 'pipeline');
  const sound = readFileSync(file);
  expect(findRead(layout, text)?.pipeline.stages).toEqual(pipeline.stages);
  fc.assert(
    fc.property(seeds, (seed) => {
      const chance = chanceFrom(seed);
      writeFileSync(file, spoil(Buffer.from(sound), chance.pick(DAMAGES), chance));
      expect(findRead(layout, text)).toBeUndefined();
    }),
    { numRuns: RUNS },
  );
});

test('one change in a flat folder writes one page on each level, however large the folder is', () => {
  const entry = (at: number, text = 'same'): TreeEntry => ({
    name: `image-${at}.png`,
    kind: 'file',
    size: text.length,
    files: 1,
    digest: digestOf(text),
  });
  const written = new Map<number, number>();
  for (const count of [ENTRIES_PER_TREE + 1, 20_000, 120_000]) {
    const entries = Array.from({ length: count }, (_, at) => entry(at));
    const before = new Set<Digest>();
    const put = (into: Set<Digest>) => (bytes: Uint8Array) => {
      const digest = digestOf(bytes);
      into.add(digest);
      return digest;
    };
    buildTree(entries, put(before));
    const after = new Set<Digest>();
    buildTree(entries.with(count >> 1, entry(count >> 1, 'other')), put(after));
    written.set(count, [...after].filter((digest) => !before.has(digest)).length);
  }
  // A page and the root; above 256 pages, one between them.
  expect(Object.fromEntries(written)).toEqual({ 4097: 2, 20000: 2, 120000: 3 });
});
