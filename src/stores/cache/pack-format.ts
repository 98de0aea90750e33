import { type Digest, digestFromHex, hexOf } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import { digestOf } from '../../system/hash.ts';

/** Where an object is in its pack. */
export interface PackedObject {
  readonly digest: Digest;
  readonly offset: number;
  readonly length: number;
}

// "mlops pack" and "mlops pidx", and the version of the formats.
const PACK_MAGIC = Buffer.from('mlops pack\0\x01', 'latin1');
const INDEX_MAGIC = Buffer.from('mlops pidx\0\x01', 'latin1');

/** Where the first object of a pack begins. */
export const PACK_HEADER: Uint8Array = PACK_MAGIC;

/** How long the end of a pack is: how many objects, where their index begins, and its checksum. */
export const PACK_TAIL = 40;

const DIGEST = 32;
const ROW = 40;
const FAN_OUT = 16;
const DIGESTS = FAN_OUT + 256 * 4;

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

/** The copy of a pack's index that is kept beside it: how many objects, how many begin with each byte or a lower one, digests, places, checksum. */
export function encodePackIndex(objects: readonly PackedObject[]): Uint8Array {
  const sorted = inOrder(objects);
  const places = DIGESTS + sorted.length * DIGEST;
  const bytes = Buffer.alloc(places + sorted.length * 8 + DIGEST);
  bytes.set(INDEX_MAGIC);
  bytes.writeUInt32LE(sorted.length, INDEX_MAGIC.length);
  for (const [at, { digest, offset, length }] of sorted.entries()) {
    bytes.write(hexOf(digest), DIGESTS + at * DIGEST, 'hex');
    bytes.writeUInt32LE(offset, places + at * 8);
    bytes.writeUInt32LE(length, places + at * 8 + 4);
    const fan = FAN_OUT + (bytes[DIGESTS + at * DIGEST] ?? 0) * 4;
    bytes.writeUInt32LE(at + 1, fan);
  }
  for (let first = 1; first < 256; first++) {
    const at = FAN_OUT + first * 4;
    if (bytes.readUInt32LE(at) === 0) bytes.writeUInt32LE(bytes.readUInt32LE(at - 4), at);
  }
  bytes.write(hexOf(digestOf(bytes.subarray(0, -DIGEST))), bytes.length - DIGEST, 'hex');
  return bytes;
}

/** Objects in the order of their digests. */
export function sortByDigest(objects: Iterable<PackedObject>): PackedObject[] {
  return [...objects].sort((a, b) => (a.digest < b.digest ? -1 : a.digest > b.digest ? 1 : 0));
}

/** The index of one pack, looked at as it is: nothing is made for an object until it is found. */
export class PackIndex {
  readonly count: number;
  readonly #bytes: Buffer;

  /** Anything but what `encodePackIndex` wrote is refused. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = view(bytes);
    if (bytes.length < DIGESTS + DIGEST) throw badPack(what, 'it is too short');
    if (!INDEX_MAGIC.equals(bytes.subarray(0, INDEX_MAGIC.length))) {
      throw badPack(what, 'it does not begin like one of version 1');
    }
    this.count = this.#bytes.readUInt32LE(INDEX_MAGIC.length);
    if (bytes.length !== DIGESTS + this.count * ROW + DIGEST) throw badPack(what, 'it has the wrong length');
    const end = bytes.length - DIGEST;
    if (digestOf(bytes.subarray(0, end)) !== digestAt(this.#bytes, end)) {
      throw badPack(what, 'it does not have its checksum');
    }
    this.#check(what);
  }

  find(digest: Digest): PackedObject | undefined {
    const wanted = Buffer.from(hexOf(digest), 'hex');
    const first = wanted[0] ?? 0;
    let low = first === 0 ? 0 : this.#bytes.readUInt32LE(FAN_OUT + (first - 1) * 4);
    let high = this.#bytes.readUInt32LE(FAN_OUT + first * 4);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compareAt(this.#bytes, DIGESTS + middle * DIGEST, wanted);
      if (order === 0) return this.#at(middle, digest);
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }

  *objects(): Iterable<PackedObject> {
    for (let at = 0; at < this.count; at++) yield this.#at(at, digestAt(this.#bytes, DIGESTS + at * DIGEST));
  }

  #check(what: string): void {
    let at = 0;
    for (let first = 0; first < 256; first++) {
      const end = this.#bytes.readUInt32LE(FAN_OUT + first * 4);
      if (end < at || end > this.count) throw badPack(what, 'its digests are not counted right');
      for (; at < end; at++) {
        const place = DIGESTS + at * DIGEST;
        if (this.#bytes[place] !== first) throw badPack(what, 'its digests are not counted right');
        if (at > 0 && compareAt(this.#bytes, place - DIGEST, this.#bytes, place) >= 0) {
          throw badPack(what, 'its digests are not in order');
        }
      }
    }
    if (at !== this.count) throw badPack(what, 'its digests are not counted right');
  }

  #at(at: number, digest: Digest): PackedObject {
    const place = DIGESTS + this.count * DIGEST + at * 8;
    return { digest, offset: this.#bytes.readUInt32LE(place), length: this.#bytes.readUInt32LE(place + 4) };
  }
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

function inOrder(objects: readonly PackedObject[]): readonly PackedObject[] {
  for (let at = 1; at < objects.length; at++) {
    if ((objects[at - 1]?.digest ?? '') >= (objects[at]?.digest ?? '')) return sortByDigest(objects);
  }
  return objects;
}

function compareAt(bytes: Buffer, at: number, wanted: Buffer, start = 0): number {
  for (let byte = 0; byte < DIGEST; byte++) {
    const difference = (bytes[at + byte] ?? 0) - (wanted[start + byte] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function digestAt(bytes: Buffer, at: number): Digest {
  return digestFromHex(bytes.toString('hex', at, at + DIGEST));
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
