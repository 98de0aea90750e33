import type { Digest } from '../../../core/digest.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import type { PackPlan } from '../../../stores/cache/collect-packs.ts';
import { removeObject } from '../../../stores/cache/removal.ts';
import type { Steps } from '../workspace.ts';
import type { Marks } from './mark.ts';

/** An object that nothing in the scope needs. */
export interface Garbage {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Under which it was last known; null when no lockfile names it. */
  readonly path: string | null;
}

/** What a look at the cache has found. */
export interface Sorted {
  /** What is not marked and would go, and how many bytes each is. */
  readonly garbage: ReadonlyMap<Digest, number>;
  /** How many objects stay, and how many of those although they are not marked. */
  readonly kept: number;
  readonly young: number;
  readonly waiting: number;
  readonly packs: PackPlan['groups'];
}

/** Tells what would go. Nothing does that was put after a moment (milliseconds). */
export function* findGarbage(cache: Cache, marks: Marks, moment: number): Steps<Sorted> {
  const { unneeded, needed, groups } = yield* cache.packs.plan((digest) => marks.has(digest), moment);
  const fates = new Map(unneeded);
  let kept = needed;
  for (const { digest, size, modified } of cache.listLoose()) {
    if (marks.has(digest)) kept += cache.packs.has(digest) ? 0 : 1;
    else if (modified > moment) fates.set(digest, { size, fate: 'young' });
    else if (!fates.has(digest)) fates.set(digest, { size, fate: 'goes' });
    yield 0;
  }
  const garbage = new Map<Digest, number>();
  let [young, waiting] = [0, 0];
  for (const [digest, { size, fate }] of fates) {
    if (fate === 'goes') garbage.set(digest, size);
    else if (fate === 'young') young += 1;
    else waiting += 1;
  }
  return { garbage, kept: kept + young + waiting, young, waiting, packs: groups };
}

/** Removes it, as far as nobody has put it since; returns what is gone. */
export function* removeEach(
  cache: Cache,
  garbage: readonly Garbage[],
  packs: Sorted['packs'],
  moment: number,
): Steps<Garbage[]> {
  const digests = new Set(garbage.map(({ digest }) => digest));
  const removed = yield* cache.packs.writeAnew(packs, (digest) => digests.has(digest), moment);
  const isLeft = cache.presence();
  for (const { digest, size } of garbage) {
    if (isLeft(digest) && removeObject(cache, digest, moment)) removed.add(digest);
    yield size;
  }
  // Of what was in two places one may have stayed.
  const isThere = cache.presence();
  return garbage.filter(({ digest }) => removed.has(digest) && !isThere(digest));
}
