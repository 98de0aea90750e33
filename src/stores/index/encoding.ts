import { type Digest, digestFromHex, hexOf } from '../../core/digest.ts';
import { compareCodePoints } from '../../core/value.ts';
import { digestOf } from '../../system/hash.ts';

/** What a file was when it was last looked at. Times in milliseconds since 1970. */
export interface IndexRow {
  readonly mtime: number;
  readonly ctime: number;
  readonly size: number;
  readonly ino: number;
  readonly digest: Digest;
  /** It may have changed within the same tick of the clock: its times prove nothing. */
  readonly racy: boolean;
}

/** The files of one folder, decoded as far as they are asked for. */
export interface IndexFolder {
  readonly path: string;
  readonly names: readonly string[];
  /** As it is in the file, to be written again unchanged. */
  readonly raw: Uint8Array;
  row(at: number): IndexRow;
}

/** All that an index file holds. */
export interface IndexContent {
  readonly tracked: readonly string[];
  readonly folders: readonly IndexFolder[];
}

const MAGIC = 'mlopsidx';
const VERSION = 1;
// Numbers are in the order of this machine's bytes; an index from another kind of machine is no use anyway.
const ORDER = 0x01020304;
const HEADER = 64;
const DIGEST = 32;
const NUMBERS = 4;

/**
 * The bytes of an index file: a header (magic, byte order, version, folders, bytes of tracked paths, BLAKE3 of the rest),
 * the tracked paths, and a block for each folder: path, names, and per file mtime, ctime, size, inode, digest, flag.
 */
export function encodeIndex(tracked: readonly string[], blocks: readonly Uint8Array[]): Uint8Array {
  const paths = Buffer.from(tracked.join('\0'));
  const start = HEADER + padded(paths.length);
  const bytes = Buffer.alloc(start + blocks.reduce((sum, block) => sum + block.length, 0));
  bytes.write(MAGIC, 'latin1');
  new Uint32Array(bytes.buffer, bytes.byteOffset + 8, 4).set([ORDER, VERSION, blocks.length, paths.length]);
  bytes.set(paths, HEADER);
  let at = start;
  for (const block of blocks) {
    bytes.set(block, at);
    at += block.length;
  }
  bytes.write(hexOf(digestOf(bytes.subarray(HEADER))), 24, 'hex');
  return bytes;
}

/** One folder as a block of bytes, its names in the order of their code points. */
export function encodeFolder(path: string, rows: ReadonlyMap<string, IndexRow>): Uint8Array {
  const names = [...rows.keys()].sort(compareCodePoints);
  const [pathBytes, nameBytes] = [Buffer.from(path), Buffer.from(names.join('\0'))];
  const numbersAt = padded(16 + pathBytes.length + nameBytes.length);
  const digestsAt = numbersAt + names.length * NUMBERS * 8;
  const bytes = Buffer.alloc(padded(digestsAt + names.length * (DIGEST + 1)));
  new Uint32Array(bytes.buffer, bytes.byteOffset, 4).set([pathBytes.length, nameBytes.length, names.length, 0]);
  bytes.set(pathBytes, 16);
  bytes.set(nameBytes, 16 + pathBytes.length);
  const numbers = new Float64Array(bytes.buffer, bytes.byteOffset + numbersAt, names.length * NUMBERS);
  for (const [at, name] of names.entries()) {
    const row = rows.get(name);
    if (row === undefined) continue;
    numbers.set([row.mtime, row.ctime, row.size, row.ino], at * NUMBERS);
    bytes.write(hexOf(row.digest), digestsAt + at * DIGEST, 'hex');
    bytes[digestsAt + names.length * DIGEST + at] = row.racy ? 1 : 0;
  }
  return bytes;
}

/** What an index file says, or undefined when it is damaged, of another version, or no index at all. */
export function decodeIndex(file: Uint8Array): IndexContent | undefined {
  if (file.length < HEADER || file.length % 8 !== 0) return undefined;
  // Typed arrays need their numbers at multiples of eight.
  const bytes = Buffer.from(file.byteOffset % 8 === 0 ? file.buffer : new Uint8Array(file).buffer);
  const all = file.byteOffset % 8 === 0 ? bytes.subarray(file.byteOffset, file.byteOffset + file.length) : bytes;
  const [order, version, count, trackedBytes] = new Uint32Array(all.buffer, all.byteOffset + 8, 4);
  if (all.toString('latin1', 0, 8) !== MAGIC || order !== ORDER || version !== VERSION) return undefined;
  if (all.toString('hex', 24, 56) !== hexOf(digestOf(all.subarray(HEADER)))) return undefined;
  try {
    const tracked = splitNames(all.toString('utf8', HEADER, HEADER + (trackedBytes ?? 0)));
    const folders: IndexFolder[] = [];
    let at = HEADER + padded(trackedBytes ?? 0);
    for (let left = count ?? 0; left > 0; left--) {
      const folder = decodeFolder(all, at);
      folders.push(folder);
      at += folder.raw.length;
    }
    return at === all.length ? { tracked, folders } : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function decodeFolder(all: Buffer, start: number): IndexFolder {
  const [pathBytes = 0, nameBytes = 0, count = 0] = new Uint32Array(all.buffer, all.byteOffset + start, 4);
  const numbersAt = padded(16 + pathBytes + nameBytes);
  const digestsAt = numbersAt + count * NUMBERS * 8;
  const length = padded(digestsAt + count * (DIGEST + 1));
  if (start + length > all.length) throw new RangeError('a block goes beyond the end');
  const raw = all.subarray(start, start + length);
  const numbers = new Float64Array(raw.buffer, raw.byteOffset + numbersAt, count * NUMBERS);
  let names: string[] | undefined;
  return {
    path: raw.toString('utf8', 16, 16 + pathBytes),
    get names() {
      return (names ??= splitNames(raw.toString('utf8', 16 + pathBytes, 16 + pathBytes + nameBytes)));
    },
    raw,
    row: (at) => ({
      mtime: numbers[at * NUMBERS] ?? 0,
      ctime: numbers[at * NUMBERS + 1] ?? 0,
      size: numbers[at * NUMBERS + 2] ?? 0,
      ino: numbers[at * NUMBERS + 3] ?? 0,
      digest: digestFromHex(raw.toString('hex', digestsAt + at * DIGEST, digestsAt + (at + 1) * DIGEST)),
      racy: raw[digestsAt + count * DIGEST + at] !== 0,
    }),
  };
}

function splitNames(text: string): string[] {
  return text === '' ? [] : text.split('\0');
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
