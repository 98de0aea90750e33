import type { Stats } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import { fileError } from '../../system/file-error.ts';
import { digestOf } from '../../system/hash.ts';
import { type CacheOptions, checkOut } from './check-out.ts';
import { LooseObjects, type Unnamed } from './loose-objects.ts';
import { quarantine } from './quarantine.ts';
import { digestOfFile, missing, readVerified } from './read-object.ts';
import { Unfinished } from './unfinished.ts';

/** The objects of a project, by their digests. Several clones and users may share one: nothing in it ever changes. */
export interface Cache {
  readonly dir: string;
  /** Whether the object's final name is there. */
  has(digest: Digest): boolean;
  /** The same for many: folders are listed instead of asking for each name. It knows nothing of what comes or goes later. */
  presence(): (digest: Digest) => boolean;
  sizeOf(digest: Digest): number | undefined;
  putBytes(bytes: Uint8Array): Digest;
  /** An absolute path. A file that changes while it is read is read again once, then refused by name. */
  putFile(path: string): { readonly digest: Digest; readonly size: number; readonly stat: Stats };
  /** Only bytes that have the digest get its name; others are `damaged`. */
  putStream(digest: Digest, source: AsyncIterable<Uint8Array>): Promise<void>;
  /** What the work puts through the cache it is given gets its name, and lasts, at its end: one sync for many objects. */
  batch<T>(work: (batch: Cache) => T | Promise<T>): Promise<T>;
  /** Whether the object is there with the bytes that its digest says. A damaged one goes into quarantine. */
  isSound(digest: Digest): boolean;
  /** Verified. Fails with `data-missing`, or with `damaged` once the object is in quarantine. */
  readBytes(digest: Digest): Uint8Array;
  /** The absolute path of an object that is a file of its own, for uploads. */
  pathOf(digest: Digest): string | undefined;
  /** Puts verified bytes at a path, whole, and returns what the new file is. What is there makes way, unless `replaces` is false: then it is `refused`. */
  checkoutFile(digest: Digest, target: string, executable: boolean, replaces?: boolean): Stats;
  list(): Iterable<{ readonly digest: Digest; readonly size: number }>;
}

/** Opens the cache in a folder, which is made when the first object comes. */
export function openCache(dir: string, options: CacheOptions): Cache {
  return new ObjectCache(dir, options, null);
}

// What a batch has written is named after so much of it, so that little is lost when it is cut off.
const OBJECTS_PER_SYNC = 8192;
const BYTES_PER_SYNC = 256 * 1024 * 1024;

class ObjectCache implements Cache {
  readonly dir: string;
  readonly #folder: string;
  readonly #options: CacheOptions;
  readonly #loose: LooseObjects;
  readonly #unfinished: Unfinished;
  /** Written and not named yet; null outside a batch. */
  readonly #pending: Map<Digest, Unnamed> | null;
  #pendingBytes = 0;

  constructor(dir: string, options: CacheOptions, pending: Map<Digest, Unnamed> | null) {
    this.#pending = pending;
    this.dir = dir;
    this.#folder = join(dir, 'v1');
    this.#options = options;
    this.#loose = new LooseObjects(this.#folder);
    this.#unfinished = new Unfinished(join(this.#folder, 'tmp'), options.tmp);
  }

  has(digest: Digest): boolean {
    return this.#pending?.has(digest) === true || this.#loose.stat(digest) !== undefined;
  }

  presence(): (digest: Digest) => boolean {
    const loose = this.#loose.presence();
    return (digest) => this.#pending?.has(digest) === true || loose(digest);
  }

  sizeOf(digest: Digest): number | undefined {
    return this.#pending?.get(digest)?.size ?? this.#loose.stat(digest)?.size;
  }

  putBytes(bytes: Uint8Array): Digest {
    const digest = digestOf(bytes);
    if (this.#isThere(digest, bytes.length)) return digest;
    return this.#guard(() => {
      this.#take({ digest, temporary: this.#unfinished.write(bytes), size: bytes.length });
      return digest;
    }, bytes.length);
  }

  putFile(path: string): { digest: Digest; size: number; stat: Stats } {
    const read = this.#unfinished.copy(path, this.#options.link.includes('reflink'), (digest, size) =>
      this.#isThere(digest, size),
    );
    const { digest, size, stat, temporary } = read;
    if (temporary !== null) this.#guard(() => this.#take({ digest, temporary, size }), size);
    return { digest, size, stat };
  }

  async putStream(digest: Digest, source: AsyncIterable<Uint8Array>): Promise<void> {
    const written = await this.#unfinished.receive(source);
    if (written.digest !== digest) {
      this.#unfinished.drop(written.temporary);
      throw new MlopsError('damaged', `What came for ${digest} has the digest ${written.digest}.`, {
        hint: 'The copy it came from is damaged. Push it again from where the data is whole: mlops push --force',
      });
    }
    const { temporary, size } = written;
    if (this.#isThere(digest, size)) this.#unfinished.drop(temporary);
    else this.#guard(() => this.#take({ digest, temporary, size }), size);
  }

  async batch<T>(work: (batch: Cache) => T | Promise<T>): Promise<T> {
    const pending = new Map<Digest, Unnamed>();
    const batch = new ObjectCache(this.dir, this.#options, pending);
    try {
      const result = await work(batch);
      await batch.#loose.nameMeanwhile(pending);
      return result;
    } catch (error) {
      // What is whole need not be made again, unless its room is needed.
      if (!(error instanceof MlopsError) || error.kind !== 'no-space') batch.#guard(() => batch.#flush(), 0);
      throw error;
    } finally {
      for (const { temporary } of pending.values()) this.#unfinished.drop(temporary);
    }
  }

  isSound(digest: Digest): boolean {
    const path = this.#locate(digest);
    const found = digestOfFile(path);
    if (found !== 'gone' && found !== digest) quarantine(this.#folder, digest, path);
    return found === digest;
  }

  readBytes(digest: Digest): Uint8Array {
    const path = this.#locate(digest);
    const bytes = readVerified(path, digest);
    if (bytes === 'gone') throw missing(digest);
    if (bytes === 'damaged') throw quarantine(this.#folder, digest, path);
    return bytes;
  }

  pathOf(digest: Digest): string | undefined {
    return this.#loose.stat(digest) === undefined ? undefined : this.#loose.pathOf(digest);
  }

  checkoutFile(digest: Digest, target: string, executable: boolean, replaces = true): Stats {
    const path = this.#locate(digest);
    const done = checkOut({ path, digest, target, executable, replaces }, this.#options);
    if (done === 'gone') throw missing(digest);
    if (done === 'damaged') throw quarantine(this.#folder, digest, path);
    if (done === 'exists') throw new MlopsError('refused', `Something is at ${target} already.`);
    return done;
  }

  list(): Iterable<{ digest: Digest; size: number }> {
    return this.#loose.list();
  }

  /** Where the object is, if it is anywhere. */
  #locate(digest: Digest): string {
    return this.#pending?.get(digest)?.temporary ?? this.#loose.pathOf(digest);
  }

  #isThere(digest: Digest, size: number): boolean {
    if (this.#pending?.has(digest) === true) return true;
    const found = this.#loose.refresh(digest, size);
    if (found === 'wrong-size') quarantine(this.#folder, digest, this.#loose.pathOf(digest));
    return found === 'present';
  }

  #take(object: Unnamed): void {
    if (this.#pending === null) {
      try {
        this.#loose.name([object]);
      } catch (error) {
        this.#unfinished.drop(object.temporary);
        throw error;
      }
      return;
    }
    this.#pending.set(object.digest, object);
    this.#pendingBytes += object.size;
    if (this.#pending.size >= OBJECTS_PER_SYNC || this.#pendingBytes >= BYTES_PER_SYNC) this.#flush();
  }

  #flush(): void {
    if (this.#pending === null) return;
    this.#loose.name([...this.#pending.values()]);
    this.#pending.clear();
    this.#pendingBytes = 0;
  }

  #guard<T>(work: () => T, bytes: number): T {
    try {
      return work();
    } catch (error) {
      throw fileError(error, `write to the cache in ${this.dir}`, { bytes });
    }
  }
}
