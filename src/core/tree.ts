import { type Digest, digestFromHex, hexOf } from './digest.ts';
import { nameProblem } from './entry-name.ts';
import { MlopsError } from './errors.ts';
import { ByteReader, ByteWriter } from './byte-codec.ts';
import { compareCodePoints } from './value.ts';

/** What a directory can hold. A symlink's object is the text it points to. */
export type EntryKind = 'file' | 'executable' | 'symlink' | 'tree';

/** One name in a directory. */
export interface TreeEntry {
  readonly name: string;
  readonly kind: EntryKind;
  /** Bytes; of a tree, of all files beneath. */
  readonly size: number;
  /** All files beneath a tree; 1 for anything else. */
  readonly files: number;
  readonly digest: Digest;
}

/** A run of entries of a large directory, known by the first name in it. */
export interface TreePage {
  readonly first: string;
  /** Names in it, at the bottom. */
  readonly count: number;
  readonly size: number;
  readonly files: number;
  readonly digest: Digest;
}

/** One object of a directory: its entries or, above a level of such objects, where they are. */
export type Tree =
  | { readonly level: 0; readonly entries: readonly TreeEntry[] }
  | { readonly level: number; readonly pages: readonly TreePage[] };

/** A directory with more entries than this is kept in pages. */
export const ENTRIES_PER_TREE = 4096;

/** More pages than this get a level of pages above them. */
export const PAGES_PER_TREE = 256;

// "mlops tree", and the version of the format.
const MAGIC = Uint8Array.of(0x6d, 0x6c, 0x6f, 0x70, 0x73, 0x20, 0x74, 0x72, 0x65, 0x65, 0, 1);
const KINDS: readonly EntryKind[] = ['file', 'executable', 'symlink', 'tree'];
const MAX_LEVEL = 31;

/** Equal trees encode to equal bytes, so a directory has one digest. Entries may come in any order; pages must be in theirs. */
export function encodeTree(tree: Tree): Uint8Array {
  const writer = new ByteWriter();
  writer.bytes(MAGIC);
  writer.byte(tree.level);
  if ('entries' in tree) {
    const entries = inOrder(tree.entries);
    writer.count(entries.length);
    for (const { name, kind, size, files, digest } of entries) {
      writer.byte(KINDS.indexOf(kind) + 1);
      writer.text(name);
      writer.count(size);
      if (kind === 'tree') writer.count(files);
      writer.hex(hexOf(digest));
    }
  } else {
    writer.count(tree.pages.length);
    for (const { first, count, size, files, digest } of tree.pages) {
      writer.text(first);
      writer.count(count);
      writer.count(size);
      writer.count(files);
      writer.hex(hexOf(digest));
    }
  }
  return writer.result();
}

/** Reads what `encodeTree` wrote, and nothing else: any other bytes, and names that no tree may have, are refused. */
export function decodeTree(bytes: Uint8Array, what: string): Tree {
  const reader = new ByteReader(bytes, (message) => badTree(what, message));
  reader.expect(MAGIC, 'it does not begin like one of version 1');
  const level = reader.byte();
  if (level > MAX_LEVEL) throw badTree(what, 'its level is out of bounds');
  const tree: Tree =
    level === 0
      ? { level: 0, entries: reader.list((last) => readEntry(reader, last, what)) }
      : { level, pages: reader.list((last) => readPage(reader, last, what)) };
  reader.end();
  if ('pages' in tree && tree.pages.length === 0) throw badTree(what, 'it has a level without pages');
  return tree;
}

/** Whether bytes begin like a tree. A file may do so too; then it is only kept where trees are. */
export function isTreeObject(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, at) => bytes[at] === byte);
}

/** Whether something holds for every object that a tree names, pages and folders too. Its names are not looked at. */
export function everyObject(
  bytes: Uint8Array,
  what: string,
  holds: (digest: Digest, isTree: boolean) => boolean,
): boolean {
  const reader = new ByteReader(bytes, (message) => badTree(what, message));
  reader.expect(MAGIC, 'it does not begin like one of version 1');
  const level = reader.byte();
  for (let left = reader.count(); left > 0; left--) {
    const isTree = level > 0 || KINDS[reader.byte() - 1] === 'tree';
    reader.skip(reader.count());
    for (let counts = level > 0 ? 3 : isTree ? 2 : 1; counts > 0; counts--) reader.count();
    if (!holds(digestFromHex(reader.hex(32)), isTree)) return false;
  }
  return true;
}

/** The entries by the UTF-8 bytes of their names, which is the order of their code points. */
export function inOrder(entries: readonly TreeEntry[]): readonly TreeEntry[] {
  for (let at = 1; at < entries.length; at++) {
    const [a, b] = [entries[at - 1], entries[at]];
    if (a !== undefined && b !== undefined && compareCodePoints(a.name, b.name) >= 0) {
      return [...entries].sort((x, y) => compareCodePoints(x.name, y.name));
    }
  }
  return entries;
}

/** The error for bytes that are no tree, or not the tree they should be. */
export function badTree(what: string, message: string): MlopsError {
  return new MlopsError('damaged', `${what} is not a valid tree: ${message}.`, {
    hint: 'It was damaged, made by a newer mlops, or made to do harm; nothing of it was used. Get another copy: mlops fetch',
  });
}

function readEntry(reader: ByteReader, last: TreeEntry | undefined, what: string): TreeEntry {
  const kind = KINDS[reader.byte() - 1];
  if (kind === undefined) throw badTree(what, 'it has an entry of an unknown kind');
  const name = readName(reader, last?.name, what);
  const size = reader.count();
  const files = kind === 'tree' ? reader.count() : 1;
  return { name, kind, size, files, digest: digestFromHex(reader.hex(32)) };
}

function readPage(reader: ByteReader, last: TreePage | undefined, what: string): TreePage {
  const first = readName(reader, last?.first, what);
  const [count, size, files] = [reader.count(), reader.count(), reader.count()];
  return { first, count, size, files, digest: digestFromHex(reader.hex(32)) };
}

function readName(reader: ByteReader, last: string | undefined, what: string): string {
  const name = reader.text();
  const problem = nameProblem(name);
  if (problem !== null) throw badTree(what, `the name ${JSON.stringify(name)} ${problem}`);
  if (last !== undefined && compareCodePoints(last, name) >= 0) {
    throw badTree(what, `the names ${JSON.stringify(last)} and ${JSON.stringify(name)} are not in order`);
  }
  return name;
}
