import { statSync } from 'node:fs';
import type { Digest } from '../../core/digest.ts';
import { fileError } from '../../system/file-error.ts';
import type { Packs } from './packs.ts';

/** Takes garbage out of packs that nobody has put since a moment, in steps of so many bytes; returns what is gone. */
export function* collectPacks(
  packs: Packs,
  isGarbage: (digest: Digest) => boolean,
  moment: number,
): Generator<number, Set<Digest>, void> {
  const gone = new Set<Digest>();
  for (const pack of packs.all()) {
    const garbage = [...pack.index.objects()].filter(({ digest }) => isGarbage(digest));
    if (garbage.length === 0 || !isOld(pack.path, moment)) continue;
    try {
      // Whoever put something of it meanwhile has put a new date on it.
      const hasGone = packs.replace(
        pack,
        (digest) => !isGarbage(digest),
        (modified) => modified <= moment,
      );
      if (!hasGone) continue;
    } catch (error) {
      throw fileError(error, 'remove objects from a pack of the cache');
    }
    for (const { digest } of garbage) if (packs.sizeOf(digest) === undefined) gone.add(digest);
    yield garbage.reduce((sum, { length }) => sum + length, 0);
  }
  return gone;
}

function isOld(path: string, moment: number): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && stat.mtimeMs <= moment;
}
