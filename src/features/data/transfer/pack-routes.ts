import type { PackedObject } from '../../../stores/cache/pack-format.ts';
import type { Parcel } from './loop.ts';
import type { PlannedObject } from './plan.ts';
import type { RemotePack, RemotePacks } from './remote-packs.ts';

/** An object that is wanted, and where a pack has it. */
export interface PlacedObject {
  readonly object: PlannedObject;
  readonly place: PackedObject;
}

/** Objects that come in one request: a whole pack, or a range of it. */
export interface PackRoute extends Parcel {
  readonly pack: RemotePack;
  /** Null: the whole pack. */
  readonly range: { readonly offset: number; readonly length: number } | null;
  readonly placed: readonly PlacedObject[];
}

// Asking once more costs as much as so many bytes.
const LARGEST_GAP = 64 * 1024;
const LARGEST_RANGE = 8 << 20;
// Trees are wanted level by level: a pack of them that is small comes at once.
const SMALL_PACK = 8 << 20;

/** How objects come: by packs, in as few requests as are worth it, and those that are in none. */
export function planRoutes(
  planned: readonly PlannedObject[],
  find: RemotePacks['find'],
): { readonly routes: PackRoute[]; readonly single: PlannedObject[] } {
  const byPack = new Map<RemotePack, PlacedObject[]>();
  const single: PlannedObject[] = [];
  for (const object of planned) {
    const found = find(object.digest);
    if (found === undefined) single.push(object);
    else {
      const placed = byPack.get(found.pack) ?? [];
      placed.push({ object, place: found.object });
      byPack.set(found.pack, placed);
    }
  }
  const routes = [...byPack].flatMap(([pack, placed]) =>
    isMostly(pack, placed) ? whole(pack, placed) : ranges(pack, placed),
  );
  return { routes, single };
}

function isMostly({ size }: RemotePack, placed: readonly PlacedObject[]): boolean {
  if (size <= SMALL_PACK && placed.every(({ object }) => object.isTree)) return true;
  const wanted = placed.reduce((sum, { place }) => sum + place.length, 0);
  // Each has a row in the index that comes along.
  return (wanted + placed.length * 40) * 2 >= size;
}

function whole(pack: RemotePack, placed: readonly PlacedObject[]): PackRoute[] {
  return [{ pack, range: null, placed, objects: placed.map(({ object }) => object) }];
}

/** Ranges joined over small gaps. */
export function ranges(pack: RemotePack, placed: readonly PlacedObject[]): PackRoute[] {
  const ordered = placed.toSorted((a, b) => a.place.offset - b.place.offset);
  const groups: PlacedObject[][] = [];
  let [start, end] = [0, 0];
  for (const one of ordered) {
    const { offset, length } = one.place;
    const group = groups.at(-1);
    if (group === undefined || offset - end > LARGEST_GAP || offset + length - start > LARGEST_RANGE) {
      groups.push([one]);
      start = offset;
    } else group.push(one);
    end = Math.max(end, offset + length);
  }
  return groups.map((group) => {
    const offset = group[0]?.place.offset ?? 0;
    const last = Math.max(...group.map(({ place }) => place.offset + place.length));
    return {
      pack,
      range: { offset, length: last - offset },
      placed: group,
      objects: group.map(({ object }) => object),
    };
  });
}
