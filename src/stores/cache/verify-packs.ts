import { digestOf } from '../../system/hash.ts';
import type { Pack } from './pack-files.ts';
import type { Packs } from './packs.ts';
import { slicesOf } from './read-pack.ts';

/** Steps of so many objects and bytes. */
export type VerifySteps = Generator<{ readonly files: number; readonly bytes: number }, void, void>;

/** Hashes every object of every pack, in the order in which they lie. What is damaged goes into quarantine, and the rest of its pack into another. */
export function* verifyPacks(packs: Packs): VerifySteps {
  for (const pack of packs.all()) {
    if (yield* isSound(pack)) continue;
    for (const bytes of packs.rewrite([{ pack, isWanted: () => true, mayGo: () => true }])) yield { files: 0, bytes };
  }
}

function* isSound(pack: Pack): Generator<{ files: number; bytes: number }, boolean, void> {
  const objects = [...pack.index.objects()].sort((a, b) => a.offset - b.offset);
  let [files, bytes] = [0, 0];
  for (const [{ digest, length }, slice] of slicesOf(pack.path, objects)) {
    if (slice.length !== length || digestOf(slice) !== digest) return false;
    files += 1;
    bytes += length;
    if (files < STEP && bytes < STEP * STEP) continue;
    yield { files, bytes };
    [files, bytes] = [0, 0];
  }
  yield { files, bytes };
  return true;
}

const STEP = 1024;
