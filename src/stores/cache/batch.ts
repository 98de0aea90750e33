import { join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import type { CacheOptions } from './check-out.ts';
import { LooseObjects, type Unnamed } from './loose-objects.ts';
import { Packs } from './packs.ts';
import { SmallObjects } from './small-objects.ts';
import { Unfinished } from './unfinished.ts';

// What a batch has written is named after so much of it, so that little is lost when it is cut off.
const OBJECTS_PER_SYNC = 8192;
const BYTES_PER_SYNC = 256 * 1024 * 1024;

/** Where objects of a batch go. */
export interface BatchPlaces {
  readonly loose: LooseObjects;
  readonly packs: Packs;
  readonly unfinished: Unfinished;
  /** Objects of fewer bytes go into packs. */
  readonly packBelow: number;
}

const PACK_BELOW = 256 * 1024;

/** The places of a cache in a folder. */
export function placesIn(
  folder: string,
  { link, tmp, packBelow = PACK_BELOW, threads = 1 }: CacheOptions,
): BatchPlaces {
  const unfinished = new Unfinished(join(folder, 'tmp'), tmp, { mayClone: link.includes('reflink'), threads });
  const packs = new Packs(folder, () => unfinished.create());
  return { loose: new LooseObjects(folder), packs, unfinished, packBelow };
}

/** Objects that are written, and get their names together: one sync for many of them. */
export class Batch {
  readonly #places: BatchPlaces;
  /** In files of their own. */
  readonly #pending = new Map<Digest, Unnamed>();
  readonly #small: SmallObjects;
  #bytes = 0;
  #present: ((digest: Digest) => boolean) | null = null;

  constructor(places: BatchPlaces) {
    this.#places = places;
    this.#small = new SmallObjects(places.packs);
  }

  sizeOf(digest: Digest): number | undefined {
    return this.#pending.get(digest)?.size ?? this.#small.sizeOf(digest);
  }

  /** The bytes of an object that goes into a pack. */
  read(digest: Digest): Uint8Array | undefined {
    return this.#small.read(digest);
  }

  /** Where an object is that gets a file of its own. */
  pathOf(digest: Digest): string | undefined {
    return this.#pending.get(digest)?.temporary;
  }

  /** Whether an object may be a loose one already. What comes after the first question may be missed, and is then put twice. */
  mayBeLoose(digest: Digest): boolean {
    this.#present ??= this.#places.loose.presence();
    return this.#present(digest);
  }

  isSmall(size: number): boolean {
    return size < this.#places.packBelow;
  }

  putSmall(digest: Digest, bytes: Uint8Array): void {
    this.#small.put(digest, bytes);
  }

  put(object: Unnamed): void {
    this.#pending.set(object.digest, object);
    this.#bytes += object.size;
    if (this.#pending.size >= OBJECTS_PER_SYNC || this.#bytes >= BYTES_PER_SYNC) this.#flushLoose();
  }

  /** Gives everything its name, at once. */
  flush(): void {
    this.#finishFiles();
    this.#flushLoose();
    this.#small.finishTrees();
  }

  /** The same while other work goes on. */
  async flushMeanwhile(): Promise<void> {
    const { loose, unfinished } = this.#places;
    unfinished.guard(() => this.#finishFiles());
    await loose.nameMeanwhile(this.#pending);
    this.#bytes = 0;
    unfinished.guard(() => this.#small.finishTrees());
  }

  /** Removes what has no name. */
  drop(): void {
    for (const { temporary } of this.#pending.values()) this.#places.unfinished.drop(temporary);
    this.#small.abandon();
  }

  #finishFiles(): void {
    const { unfinished } = this.#places;
    this.#small.finishFiles((digest, bytes) => {
      this.#pending.set(digest, { digest, temporary: unfinished.write(bytes), size: bytes.length });
    });
  }

  #flushLoose(): void {
    this.#places.loose.name([...this.#pending.values()]);
    this.#pending.clear();
    this.#bytes = 0;
  }
}
