import type { Digest } from '../../../core/digest.ts';
import { MlopsError } from '../../../core/errors.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import { collectObjects, type WantedObject } from '../collect.ts';
import type { SelectedPath } from '../select.ts';

/** Brings trees into the cache as far as it can; which of them came is seen there. */
export type BringTrees = (trees: readonly WantedObject[]) => Promise<void>;

/** Every object of these paths. Trees that the cache lacks are brought first, level by level; one that never came is in the list itself. */
export async function collectWhole(
  cache: Cache,
  paths: ReadonlyMap<string, SelectedPath>,
  bring: BringTrees,
): Promise<WantedObject[]> {
  const tried = new Set<Digest>();
  for (;;) {
    const { objects, missingTrees } = collectSound(cache, paths);
    const untried = missingTrees.filter(({ digest }) => !tried.has(digest));
    if (untried.length === 0) return [...objects, ...missingTrees];
    for (const { digest } of untried) tried.add(digest);
    await bring(untried);
  }
}

/** A damaged tree is in quarantine once it was met, and then merely missing; one that stays is hostile, and refused. */
export function collectSound(
  cache: Cache,
  paths: ReadonlyMap<string, SelectedPath>,
): ReturnType<typeof collectObjects> {
  let last = '';
  for (;;) {
    try {
      return collectObjects(cache, paths);
    } catch (error) {
      if (!(error instanceof MlopsError) || error.kind !== 'damaged' || error.message === last) throw error;
      last = error.message;
    }
  }
}
