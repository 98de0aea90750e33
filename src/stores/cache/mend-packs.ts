import { join } from 'node:path';
import { fileError } from '../../system/file-error.ts';
import { allAtOnce } from '../../system/hash.ts';
import { placesIn } from './batch.ts';
import type { CacheOptions } from './check-out.ts';
import { isSoundPack } from './pack-files.ts';

/** Writes packs anew whose own index is damaged, or whose index beside them is not theirs; returns how many. */
export function mendPacks(dir: string, tmp: CacheOptions['tmp']): number {
  const { packs } = placesIn(join(dir, 'v1'), { link: [], tmp });
  const broken = packs.all().filter((pack) => !isSoundPack(pack));
  for (const pack of broken) {
    try {
      allAtOnce(packs.rewrite([{ pack, isWanted: () => true, mayGo: () => true }]));
    } catch (error) {
      throw fileError(error, 'write a pack of the cache anew');
    }
  }
  return broken.length;
}
