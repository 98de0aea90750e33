import { type Digest, digestFromHex, hexOf } from '../../core/digest.ts';
import type { EntryKind } from '../../core/tree.ts';
import { compareCodePoints } from '../../core/value.ts';

/** What a file was when it was last looked at. Times in milliseconds since 1970. */
export interface IndexRow {
  readonly mtime: number;
  readonly ctime: number;
  readonly size: number;
  readonly ino: number;
  readonly digest: Digest;
  /** It may have changed within the same tick of the clock: its times prove nothing. */
  readonly racy: boolean;
  /** Null: not known. Of a folder, `size` and `mtime` are its bytes and its files, and its times are in its own block. */
  readonly kind: EntryKind | null;
}

/** What a folder was when its names were last listed. */
export interface Listing {
  readonly mtime: number;
  readonly ctime: number;
  readonly ino: number;
  /** Of all ignore rules that held in it. */
  readonly rules: Digest;
  readonly hasOwnRules: boolean;
  /** Of its tree; beneath it. */
  readonly digest: Digest;
  readonly size: number;
  readonly files: number;
}

/** One folder of an index, decoded as far as it is asked for. */
export interface IndexFolder {
  readonly path: string;
  /** Of all that was ever there, in the order of their code points. */
  readonly names: readonly string[];
  /** As it is in the file, to be written again unchanged. */
  readonly raw: Uint8Array;
  /** Null when its names were not listed, or may have changed since. */
  readonly listing: Listing | null;
  row(at: number): IndexRow;
  kindAt(at: number): EntryKind | null;
  /** Whether the name was there when the folder was listed. */
  isListedAt(at: number): boolean;
  /** Whether a file is what it was, as far as that can be told without reading it. */
  isUnchangedAt(at: number, stat: FileStat): boolean;
  /** From now on what changed at this time or later counts as racy. */
  unsettle(time: number): void;
}

/** What of a file's state tells whether it changed. */
export interface FileStat {
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly size: number;
  readonly ino: number;
  readonly nlink?: number;
}

const KINDS: readonly EntryKind[] = ['file', 'executable', 'symlink', 'tree'];
const HEADER = 120;
const DIGEST = 32;
const NUMBERS = 4;
const [RACY, LISTED, KIND_SHIFT] = [1, 2, 2];
const [IS_LISTED, HAS_OWN_RULES] = [1, 2];

/** What is to be kept of a name: its row, its kind if that is known, and whether it was there when the folder was listed. */
export interface FolderLine {
  readonly name: string;
  readonly row: IndexRow;
  readonly kind: EntryKind | null;
  readonly isListed: boolean;
}

/** What is to be kept of a folder: a line for each name, in any order. */
export interface FolderContent {
  readonly path: string;
  readonly lines: readonly FolderLine[];
  readonly listing: Listing | null;
}

/** One folder as a block of bytes, its names in the order of their code points. */
export function encodeFolder({ path, lines, listing }: FolderContent): Uint8Array {
  const sorted = [...lines].sort((a, b) => compareCodePoints(a.name, b.name));
  const names = sorted.map(({ name }) => name);
  const [pathBytes, nameBytes] = [Buffer.from(path), Buffer.from(names.join('\0'))];
  const numbersAt = padded(HEADER + pathBytes.length + nameBytes.length);
  const digestsAt = numbersAt + names.length * NUMBERS * 8;
  const flagsAt = digestsAt + names.length * DIGEST;
  const bytes = Buffer.from(new ArrayBuffer(padded(flagsAt + names.length)));
  const flags = listing === null ? 0 : IS_LISTED | (listing.hasOwnRules ? HAS_OWN_RULES : 0);
  new Uint32Array(bytes.buffer, 0, 4).set([pathBytes.length, nameBytes.length, names.length, flags]);
  if (listing !== null) {
    const { mtime, ctime, ino, size, files } = listing;
    new Float64Array(bytes.buffer, 16, 5).set([mtime, ctime, ino, size, files]);
    bytes.write(hexOf(listing.digest), 56, 'hex');
    bytes.write(hexOf(listing.rules), 88, 'hex');
  }
  bytes.set(pathBytes, HEADER);
  bytes.set(nameBytes, HEADER + pathBytes.length);
  const numbers = new Float64Array(bytes.buffer, numbersAt, names.length * NUMBERS);
  let at = 0;
  for (const { row, kind, isListed } of sorted) {
    const place = at * NUMBERS;
    numbers[place] = row.mtime;
    numbers[place + 1] = row.ctime;
    numbers[place + 2] = row.size;
    numbers[place + 3] = row.ino;
    bytes.write(hexOf(row.digest), digestsAt + at * DIGEST, 'hex');
    const number = kind === null ? 0 : KINDS.indexOf(kind) + 1;
    bytes[flagsAt + at] = (row.racy ? RACY : 0) | (isListed ? LISTED : 0) | (number << KIND_SHIFT);
    at++;
  }
  return bytes;
}

/** The block that begins at a place in the bytes of an index, which is a multiple of eight. Fails with a RangeError on a damaged one. */
export function decodeFolder(all: Buffer, start: number): IndexFolder {
  const [pathBytes = 0, nameBytes = 0, count = 0, flags = 0] = new Uint32Array(all.buffer, all.byteOffset + start, 4);
  const numbersAt = padded(HEADER + pathBytes + nameBytes);
  const digestsAt = numbersAt + count * NUMBERS * 8;
  const flagsAt = digestsAt + count * DIGEST;
  const length = padded(flagsAt + count);
  if (start + length > all.length) throw new RangeError('a block goes beyond the end');
  const raw = all.subarray(start, start + length);
  const numbers = new Float64Array(raw.buffer, raw.byteOffset + numbersAt, count * NUMBERS);
  const digestAt = (at: number): Digest => digestFromHex(raw.toString('hex', at, at + DIGEST));
  const flagAt = (at: number): number => raw[flagsAt + at] ?? 0;
  const kindAt = (at: number): EntryKind | null => KINDS[(flagAt(at) >> KIND_SHIFT) - 1] ?? null;
  let names: readonly string[] | undefined;
  return {
    path: raw.toString('utf8', HEADER, HEADER + pathBytes),
    get names() {
      names ??= splitNames(raw.toString('utf8', HEADER + pathBytes, HEADER + pathBytes + nameBytes), count);
      return names;
    },
    raw,
    listing: (flags & IS_LISTED) === 0 ? null : readListing(raw, flags, digestAt),
    row: (at) => ({
      mtime: numbers[at * NUMBERS] ?? 0,
      ctime: numbers[at * NUMBERS + 1] ?? 0,
      size: numbers[at * NUMBERS + 2] ?? 0,
      ino: numbers[at * NUMBERS + 3] ?? 0,
      digest: digestAt(digestsAt + at * DIGEST),
      racy: (flagAt(at) & RACY) !== 0,
      kind: kindAt(at),
    }),
    kindAt,
    isListedAt: (at) => (flagAt(at) & LISTED) !== 0,
    isUnchangedAt: (at, { mtimeMs, ctimeMs, size, ino }) =>
      (flagAt(at) & RACY) === 0 &&
      numbers[at * NUMBERS] === mtimeMs &&
      numbers[at * NUMBERS + 1] === ctimeMs &&
      numbers[at * NUMBERS + 2] === size &&
      numbers[at * NUMBERS + 3] === ino,
    unsettle(time) {
      for (let at = 0; at < count; at++) {
        if ((numbers[at * NUMBERS + 1] ?? 0) >= time && kindAt(at) !== 'tree') raw[flagsAt + at] = flagAt(at) | RACY;
      }
    },
  };
}

/** How many bytes so many take, up to a multiple of eight: typed arrays need their numbers there. */
export function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function readListing(raw: Buffer, flags: number, digestAt: (at: number) => Digest): Listing {
  const [mtime = 0, ctime = 0, ino = 0, size = 0, files = 0] = new Float64Array(raw.buffer, raw.byteOffset + 16, 5);
  const hasOwnRules = (flags & HAS_OWN_RULES) !== 0;
  return { mtime, ctime, ino, size, files, digest: digestAt(56), rules: digestAt(88), hasOwnRules };
}

function splitNames(text: string, count: number): string[] {
  return count === 0 ? [] : text.split('\0');
}
