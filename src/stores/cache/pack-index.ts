import { type Digest, hexOf } from '../../core/digest.ts';
import { digestOf } from '../../system/hash.ts';
import { badPack, digestAt, inOrder, type PackedObject, view } from './pack-format.ts';

// "mlops pidx" and the version of the format.
const INDEX_MAGIC = Buffer.from('mlops pidx\0\x01', 'latin1');

const DIGEST = 32;
const ROW = 40;
const FAN_OUT = 16;
const DIGESTS = FAN_OUT + 256 * 4;

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

  /** The first four bytes of a digest, which are as good as chance. */
  keyAt(row: number): number {
    return this.#bytes.readUInt32BE(DIGESTS + row * DIGEST);
  }

  /** The object in a row, if it has the digest with these bytes. */
  findAt(row: number, wanted: Buffer, digest: Digest): PackedObject | undefined {
    return compareAt(this.#bytes, DIGESTS + row * DIGEST, wanted) === 0 ? this.#at(row, digest) : undefined;
  }

  /** The object in a row. */
  at(row: number): PackedObject {
    return this.#at(row, digestAt(this.#bytes, DIGESTS + row * DIGEST));
  }

  /** Whether a row has the same digest as one of another index. */
  isSameAt(row: number, other: PackIndex, otherRow: number): boolean {
    return compareAt(this.#bytes, DIGESTS + row * DIGEST, other.#bytes, DIGESTS + otherRow * DIGEST) === 0;
  }

  /** Whether it is the index of these objects. */
  isOf(objects: readonly PackedObject[]): boolean {
    return this.#bytes.equals(encodePackIndex(objects));
  }

  *objects(): Iterable<PackedObject> {
    for (let row = 0; row < this.count; row++) yield this.at(row);
  }

  #check(what: string): void {
    let at = 0;
    let last = -1;
    for (let first = 0; first < 256; first++) {
      const end = this.#bytes.readUInt32LE(FAN_OUT + first * 4);
      if (end < at || end > this.count) throw badPack(what, 'its digests are not counted right');
      for (; at < end; at++) {
        const place = DIGESTS + at * DIGEST;
        const key = this.#bytes.readUInt32BE(place);
        if (key >>> 24 !== first) throw badPack(what, 'its digests are not counted right');
        if (key < last || (key === last && compareAt(this.#bytes, place - DIGEST, this.#bytes, place) >= 0)) {
          throw badPack(what, 'its digests are not in order');
        }
        last = key;
      }
    }
    if (at !== this.count) throw badPack(what, 'its digests are not counted right');
  }

  #at(at: number, digest: Digest): PackedObject {
    const place = DIGESTS + this.count * DIGEST + at * 8;
    return { digest, offset: this.#bytes.readUInt32LE(place), length: this.#bytes.readUInt32LE(place + 4) };
  }
}

function compareAt(bytes: Buffer, at: number, wanted: Buffer, start = 0): number {
  for (let byte = 0; byte < DIGEST; byte++) {
    const difference = (bytes[at + byte] ?? 0) - (wanted[start + byte] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
