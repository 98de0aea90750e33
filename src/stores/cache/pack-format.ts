import { type Digest, digestFromHex, hexOf } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import { digestOf } from '../../system/hash.ts';

/** Where an object is in its pack. */
export interface PackedObject {
  readonly digest: Digest;
  readonly offset: number;
  readonly length: number;
}

// "mlops pack" and the version of the format.
const PACK_MAGIC = Buffer.from('mlops pack\0\x01', 'latin1');

/** Where the first object of a pack begins. */
export const PACK_HEADER: Uint8Array = PACK_MAGIC;

/** How long the end of a pack is: how many objects, where their index begins, and its checksum. */
export const PACK_TAIL = 40;

const DIGEST = 32;
const ROW = 40;

/** What follows the objects of a pack: their index, sorted by digest, and the tail. */
export function encodePackEnd(objects: readonly PackedObject[], indexAt: number): Uint8Array {
  const sorted = inOrder(objects);
  const bytes = Buffer.alloc(sorted.length * ROW + PACK_TAIL);
  for (const [at, { digest, offset, length }] of sorted.entries()) {
    bytes.write(hexOf(digest), at * ROW, 'hex');
    bytes.writeUInt32LE(offset, at * ROW + DIGEST);
    bytes.writeUInt32LE(length, at * ROW + DIGEST + 4);
  }
  const tail = sorted.length * ROW;
  bytes.writeUInt32LE(sorted.length, tail);
  bytes.writeUInt32LE(indexAt, tail + 4);
  bytes.write(hexOf(digestOf(bytes.subarray(0, tail + 8))), tail + 8, 'hex');
  return bytes;
}

/** The objects of a pack, given a way to read from its file. Anything but what `encodePackEnd` wrote is refused. */
export function decodePackEnd(
  what: string,
  size: number,
  read: (at: number, length: number) => Uint8Array,
): PackedObject[] {
  if (size < PACK_MAGIC.length + PACK_TAIL) throw badPack(what, 'it is too short');
  if (!PACK_MAGIC.equals(read(0, PACK_MAGIC.length))) throw badPack(what, 'it does not begin like one of version 1');
  const tail = view(read(size - PACK_TAIL, PACK_TAIL));
  const [count, indexAt] = [tail.readUInt32LE(0), tail.readUInt32LE(4)];
  if (indexAt + count * ROW + PACK_TAIL !== size) throw badPack(what, 'its index is not where it should be');
  const bytes = view(read(indexAt, count * ROW + PACK_TAIL));
  if (digestOf(bytes.subarray(0, count * ROW + 8)) !== digestAt(bytes, count * ROW + 8)) {
    throw badPack(what, 'its index does not have its checksum');
  }
  const objects: PackedObject[] = [];
  for (let at = 0; at < count; at++) {
    const row = at * ROW;
    if (at > 0 && bytes.compare(bytes, row, row + DIGEST, row - ROW, row - ROW + DIGEST) !== -1) {
      throw badPack(what, 'its digests are not in order');
    }
    const [offset, length] = [bytes.readUInt32LE(row + DIGEST), bytes.readUInt32LE(row + DIGEST + 4)];
    objects.push({ digest: digestAt(bytes, row), offset, length });
  }
  checkPlaces(what, objects, indexAt);
  return objects;
}

/** Objects in the order of their digests. By their first four bytes as numbers, which takes a tenth of comparing texts. */
export function sortByDigest(objects: Iterable<PackedObject>): PackedObject[] {
  const all = [...objects];
  if (all.length > PLACES) return all.sort(byDigest);
  // Each number holds, below those bytes, the place of its object.
  const keys = Float64Array.from(
    all,
    ({ digest }, at) => Number.parseInt(digest.slice(7, 15), 16) * PLACES + at,
  ).sort();
  const sorted: PackedObject[] = [];
  for (const key of keys) {
    const object = all[key % PLACES];
    if (object !== undefined) sorted.push(object);
  }
  const keyAt = (at: number): number => Math.floor((keys[at] ?? 0) / PLACES);
  for (let at = 1; at < sorted.length; at++) {
    if (keyAt(at) !== keyAt(at - 1)) continue;
    const first = at - 1;
    while (at + 1 < sorted.length && keyAt(at + 1) === keyAt(first)) at++;
    const same = sorted.slice(first, at + 1).sort(byDigest);
    sorted.splice(first, same.length, ...same);
  }
  return sorted;
}

// With four bytes above it a place is exact in a number.
const PLACES = 2 ** 21;

function byDigest(a: PackedObject, b: PackedObject): number {
  return a.digest < b.digest ? -1 : a.digest > b.digest ? 1 : 0;
}

/** The error for a pack, or an index of one, that is not what it should be. */
export function badPack(what: string, message: string): MlopsError {
  return new MlopsError('damaged', `${what} is not valid: ${message}.`, {
    hint: 'It was damaged, or made by a newer mlops. What is lost says: mlops fsck',
  });
}

function checkPlaces(what: string, objects: readonly PackedObject[], indexAt: number): void {
  let end = PACK_MAGIC.length;
  for (const { offset, length } of [...objects].sort((a, b) => a.offset - b.offset || a.length - b.length)) {
    if (offset !== end) throw badPack(what, 'its objects do not lie one after another');
    end += length;
  }
  if (end !== indexAt) throw badPack(what, 'its objects do not end where its index begins');
}

/** The same, without a copy when they are in order already. */
export function inOrder(objects: readonly PackedObject[]): readonly PackedObject[] {
  for (let at = 1; at < objects.length; at++) {
    if ((objects[at - 1]?.digest ?? '') >= (objects[at]?.digest ?? '')) return sortByDigest(objects);
  }
  return objects;
}

/** The digest whose 32 bytes lie somewhere. */
export function digestAt(bytes: Buffer, at: number): Digest {
  return digestFromHex(bytes.toString('hex', at, at + DIGEST));
}

/** The same bytes as a buffer, not copied. */
export function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
