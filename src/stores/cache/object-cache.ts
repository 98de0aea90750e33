import type { Stats } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import { allAtOnce, digestOf, type ReadSteps } from '../../system/hash.ts';
import { Batch, type BatchPlaces, placesIn } from './batch.ts';
import { type CacheOptions, checkOut, checkOutBytes } from './check-out.ts';
import { collectorOf, type PackCollector } from './collect-packs.ts';
import type { Unnamed } from './loose-objects.ts';
import { damaged, quarantine } from './quarantine.ts';
import { digestOfFile, missing, readVerified } from './read-object.ts';
import { otherBytes, receive } from './receive.ts';
import type { Cache, PutFile } from './objects.ts';

/** A cache in a folder. With places that are shared it is a batch: what is put gets its name when the batch ends. */
export class ObjectCache implements Cache {
  readonly dir: string;
  readonly packs: PackCollector;
  readonly #folder: string;
  readonly #options: CacheOptions;
  readonly #places: BatchPlaces;
  readonly #batch: Batch | null;

  constructor(dir: string, options: CacheOptions, shared: BatchPlaces | null) {
    this.dir = dir;
    this.#folder = join(dir, 'v1');
    this.#options = options;
    this.#places = shared ?? placesIn(this.#folder, options);
    this.packs = collectorOf(this.#places.packs);
    this.#batch = shared && new Batch(shared);
  }

  has(digest: Digest): boolean {
    return this.sizeOf(digest) !== undefined;
  }

  presence(): (digest: Digest) => boolean {
    const [packed, loose] = [this.#places.packs.presence(), this.#places.loose.presence()];
    return (digest) => this.#batch?.sizeOf(digest) !== undefined || packed(digest) || loose(digest);
  }

  sizeOf(digest: Digest): number | undefined {
    const { packs, loose } = this.#places;
    return this.#batch?.sizeOf(digest) ?? packs.sizeOf(digest) ?? loose.stat(digest)?.size;
  }

  putBytes(bytes: Uint8Array): Digest {
    const digest = digestOf(bytes);
    this.putRead(digest, bytes);
    return digest;
  }

  putRead(digest: Digest, bytes: Uint8Array): void {
    if (this.#isThere(digest, bytes.length)) return;
    this.#places.unfinished.guard(() => this.#takeBytes(digest, bytes), bytes.length);
  }

  putFile(path: string): PutFile {
    return allAtOnce(this.putFileInSteps(path));
  }

  *putFileInSteps(path: string, seen?: Stats): ReadSteps<PutFile> {
    const { unfinished } = this.#places;
    const { digest, size, stat, temporary } = yield* unfinished.copy(path, seen, {
      isThere: (digest, size) => this.#isThere(digest, size),
      takeSmall: (digest, bytes) => this.#takeSmall(digest, bytes),
    });
    if (temporary !== null) unfinished.guard(() => this.#take({ digest, temporary, size }), size);
    return { digest, size, stat };
  }

  async putStream(digest: Digest, source: AsyncIterable<Uint8Array>): Promise<void> {
    const { unfinished } = this.#places;
    const received = await receive(source, (size) => this.#batch?.isSmall(size) ?? false, unfinished);
    const { digest: found, size } = received;
    const isNew = found === digest && !this.#isThere(digest, size);
    const take = () => ('bytes' in received ? this.#takeBytes(digest, received.bytes) : this.#take(received));
    if (isNew) unfinished.guard(take, size);
    else if ('temporary' in received) unfinished.drop(received.temporary);
    if (found !== digest) throw otherBytes(digest, found);
  }

  async batch<T>(work: (batch: Cache) => T | Promise<T>): Promise<T> {
    const within = new ObjectCache(this.dir, this.#options, this.#places);
    try {
      const result = await work(within);
      await within.#batch?.flushMeanwhile();
      this.#places.packs.tellIfMany(this.#options.onManyPacks);
      return result;
    } catch (error) {
      // What is whole need not be made again, unless its room is needed.
      if (!(error instanceof MlopsError) || error.kind !== 'no-space') {
        this.#places.unfinished.guard(() => within.#batch?.flush());
      }
      throw error;
    } finally {
      within.#batch?.drop();
    }
  }

  isSound(digest: Digest): boolean {
    if (this.#readPacked(digest) instanceof Uint8Array) return true;
    const path = this.#locate(digest);
    const found = digestOfFile(path);
    if (found !== 'gone' && found !== digest) quarantine(this.#folder, digest, path);
    return found === digest;
  }

  readBytes(digest: Digest): Uint8Array {
    const packed = this.#readPacked(digest);
    if (packed instanceof Uint8Array) return Buffer.from(packed);
    const path = this.#locate(digest);
    const bytes = readVerified(path, digest);
    if (bytes === 'damaged') throw quarantine(this.#folder, digest, path);
    if (bytes === 'gone') throw packed === 'damaged' ? damaged(digest) : missing(digest);
    return bytes;
  }

  pathOf(digest: Digest): string | undefined {
    const { loose } = this.#places;
    return loose.stat(digest) === undefined ? undefined : loose.pathOf(digest);
  }

  touch(digest: Digest): boolean {
    return this.#places.packs.touch(digest) || this.#places.loose.touch(digest);
  }

  checkoutFile(digest: Digest, target: string, executable: boolean, replaces = true): Stats {
    const packed = this.#readPacked(digest);
    const done =
      packed instanceof Uint8Array
        ? checkOutBytes(packed, { target, executable, replaces }, this.#options)
        : checkOut({ path: this.#locate(digest), digest, target, executable, replaces }, this.#options);
    if (done === 'damaged') throw quarantine(this.#folder, digest, this.#locate(digest));
    if (done === 'gone') throw packed === 'damaged' ? damaged(digest) : missing(digest);
    if (done === 'exists') throw new MlopsError('refused', `Something is at ${target} already.`);
    return done;
  }

  listLoose(): Iterable<{ digest: Digest; size: number; modified: number }> {
    return this.#places.loose.list();
  }

  *list(): Iterable<{ digest: Digest; size: number }> {
    const { packs, loose } = this.#places;
    for (const { digest, length } of packs.objects()) yield { digest, size: length };
    const isPacked = packs.presence();
    for (const { digest, size } of loose.list()) if (!isPacked(digest)) yield { digest, size };
  }

  /** Verified, and good until the next is read; undefined when no pack has it. */
  #readPacked(digest: Digest): Uint8Array | 'damaged' | undefined {
    const unnamed = this.#batch?.read(digest);
    if (unnamed !== undefined) return unnamed;
    const found = this.#places.packs.read(digest);
    return found === 'gone' ? undefined : found;
  }

  /** Where the object is when it is a file of its own. */
  #locate(digest: Digest): string {
    return this.#batch?.pathOf(digest) ?? this.#places.loose.locate(digest);
  }

  #isThere(digest: Digest, size: number): boolean {
    if (this.#batch?.sizeOf(digest) !== undefined) return true;
    const { packs, loose } = this.#places;
    if (packs.refresh(digest)) return true;
    if (this.#batch?.mayBeLoose(digest) === false) return false;
    const found = loose.refresh(digest, size);
    if (found === 'wrong-size') quarantine(this.#folder, digest, loose.pathOf(digest));
    return found === 'present';
  }

  #takeSmall(digest: Digest, bytes: Uint8Array): boolean {
    if (this.#batch?.isSmall(bytes.length) !== true) return false;
    this.#batch.putSmall(digest, bytes);
    return true;
  }

  #takeBytes(digest: Digest, bytes: Uint8Array): void {
    if (this.#takeSmall(digest, bytes)) return;
    this.#take({ digest, temporary: this.#places.unfinished.write(bytes), size: bytes.length });
  }

  #take(object: Unnamed): void {
    if (this.#batch !== null) {
      this.#batch.put(object);
      return;
    }
    try {
      this.#places.loose.name([object]);
    } catch (error) {
      this.#places.unfinished.drop(object.temporary);
      throw error;
    }
  }
}
