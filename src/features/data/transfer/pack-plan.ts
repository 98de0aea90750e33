import type { Digest } from '../../../core/digest.ts';
import type { Pack } from '../../../stores/cache/pack-files.ts';
import type { Parcel } from './loop.ts';
import type { PlannedObject } from './plan.ts';

/** Objects that are sent as one pack: one of the cache as it is, or one that is made of them (null). */
export interface PackParcel extends Parcel {
  readonly pack: Pack | null;
}

/** How objects are sent: some in packs, the others by themselves. */
export interface PackPlan {
  readonly packs: readonly PackParcel[];
  readonly single: readonly PlannedObject[];
}

/** Objects of this size and more are never packed. */
const SMALL_BELOW = 256 * 1024;
/** Fewer small objects than this are sent by themselves. */
const SMALLEST_PACK = 16;
/** A pack that has so many bytes is full. */
const LARGEST_PACK = 32 * 1024 * 1024;

/**
 * Packs what is small. A pack of the cache goes as it is when at least half of it is missing there and all of it may go:
 * what else lies in it may be nothing that this remote is to have.
 */
export function planPacks(
  missing: readonly PlannedObject[],
  packs: readonly Pack[],
  mayGo: (digest: Digest) => boolean,
): PackPlan {
  const small = missing.filter(({ size }) => size < SMALL_BELOW);
  if (small.length < SMALLEST_PACK) return { packs: [], single: missing };

  const wanted = new Map(small.map((object) => [object.digest, object]));
  const taken = new Set<PlannedObject>();
  const parcels: PackParcel[] = [];
  for (const pack of packs) {
    const objects = wholly(pack, wanted, mayGo, taken);
    if (objects === null) continue;
    parcels.push({ pack, objects });
    for (const object of objects) taken.add(object);
  }
  const left = small.filter((object) => !taken.has(object));
  const isPacked = left.length >= SMALLEST_PACK;
  if (isPacked) parcels.push(...fillPacks(left).map((objects) => ({ pack: null, objects })));
  const isSingle = (object: PlannedObject) => object.size >= SMALL_BELOW || (!isPacked && !taken.has(object));
  return { packs: parcels, single: missing.filter(isSingle) };
}

/** The same for trees, each after what it names. One pack of the cache goes as it is only when it has them all. */
export function planTreePacks(
  missing: readonly PlannedObject[],
  packs: readonly Pack[],
  mayGo: (digest: Digest) => boolean,
): PackParcel[] {
  const wanted = new Map(missing.map((object) => [object.digest, object]));
  for (const pack of packs) {
    if (wholly(pack, wanted, mayGo)?.length === missing.length) return [{ pack, objects: missing }];
  }
  return fillPacks(missing).map((objects) => ({ pack: null, objects }));
}

const NONE: ReadonlySet<PlannedObject> = new Set();

/** The missing objects of a pack that may go as it is, but those that are taken; null when it may not. */
function wholly(
  { index }: Pack,
  missing: ReadonlyMap<Digest, PlannedObject>,
  mayGo: (digest: Digest) => boolean,
  taken: ReadonlySet<PlannedObject> = NONE,
): PlannedObject[] | null {
  const objects: PlannedObject[] = [];
  for (const { digest } of index.objects()) {
    const object = missing.get(digest);
    if (object === undefined) {
      if (!mayGo(digest)) return null;
    } else if (!taken.has(object)) objects.push(object);
  }
  return objects.length > 0 && objects.length * 2 >= index.count ? objects : null;
}

function fillPacks(objects: readonly PlannedObject[]): PlannedObject[][] {
  const packs: PlannedObject[][] = [];
  let size = LARGEST_PACK;
  for (const object of objects) {
    if (size >= LARGEST_PACK) {
      packs.push([]);
      size = 0;
    }
    packs.at(-1)?.push(object);
    size += object.size;
  }
  return packs;
}
