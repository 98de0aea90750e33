import { statSync } from 'node:fs';
import type { Digest } from '../../core/digest.ts';
import { isTreeObject } from '../../core/tree.ts';
import { fileError } from '../../system/file-error.ts';
import { groupsToWrite, type PackState } from './fold-plan.ts';
import type { Pack } from './pack-files.ts';
import type { PackedObject } from './pack-format.ts';
import type { Packs } from './packs.ts';
import { readHead } from './read-pack.ts';
import type { OldPack } from './rewrite-packs.ts';
import { verifyPacks, type VerifySteps } from './verify-packs.ts';

/** What becomes of an object that nobody needs: it goes, it is too young, or it waits until its pack is worth being written anew. */
export type Fate = 'goes' | 'young' | 'waits';

/** An object that nobody needs. */
export interface Unneeded {
  readonly size: number;
  readonly fate: Fate;
}

/** What a collection would do with packs. */
export interface PackPlan {
  /** Names of packs that are written anew together. */
  readonly groups: readonly (readonly string[])[];
  /** Each with the best of its fates, which keeps it. */
  readonly unneeded: ReadonlyMap<Digest, Unneeded>;
  /** How many objects packs have that somebody needs. */
  readonly needed: number;
}

/** What a collection asks of the packs of a cache. */
export interface PackCollector {
  /** Whether a pack has an object. */
  has(digest: Digest): boolean;
  /** How many objects packs have. */
  count(): number;
  /** Hashes every object of every pack, in the order in which they lie; what is damaged goes into quarantine. */
  verify(): VerifySteps;
  /** Says what is to be done, in a step for each pack. Nothing goes that was put after a moment (milliseconds). */
  plan(isNeeded: (digest: Digest) => boolean, moment: number): Generator<number, PackPlan, void>;
  /** Does it, in steps of so many bytes, as far as nobody has put anything of it meanwhile. Returns the garbage that is gone. */
  writeAnew(
    groups: PackPlan['groups'],
    isGarbage: (digest: Digest) => boolean,
    moment: number,
  ): Generator<number, Set<Digest>, void>;
}

/** The packs of a cache as a collection sees them. */
export function collectorOf(packs: Packs): PackCollector {
  return {
    has: (digest) => packs.sizeOf(digest) !== undefined,
    count: () => packs.count,
    verify: () => verifyPacks(packs),
    plan: (isNeeded, moment) => planPacks(packs, isNeeded, moment),
    writeAnew: (groups, isGarbage, moment) => writePacksAnew(packs, groups, isGarbage, moment),
  };
}

function* planPacks(
  packs: Packs,
  isNeeded: (digest: Digest) => boolean,
  moment: number,
): Generator<number, PackPlan, void> {
  const looks: { pack: Pack; unneeded: PackedObject[]; isYoung: boolean; state: PackState }[] = [];
  for (const pack of packs.all()) {
    const modified = timeOf(pack);
    if (modified === undefined) continue;
    const isYoung = modified > moment;
    const unneeded: PackedObject[] = [];
    let [bytes, neededBytes] = [0, 0];
    for (const object of pack.index.objects()) {
      bytes += object.length;
      if (isNeeded(object.digest)) neededBytes += object.length;
      else unneeded.push(object);
    }
    const state = { name: pack.name, isTrees: isTreeObject(readHead(pack.path)), isYoung, bytes, neededBytes };
    looks.push({ pack, unneeded, isYoung, state });
    yield 0;
  }
  const groups = groupsToWrite(looks.map(({ state }) => state));
  const anew = new Set(groups.flat());
  const unneeded = new Map<Digest, Unneeded>();
  for (const { pack, unneeded: objects, isYoung } of looks) {
    const fate = isYoung ? 'young' : anew.has(pack.name) ? 'goes' : 'waits';
    for (const { digest, length } of objects) {
      const other = unneeded.get(digest)?.fate ?? 'goes';
      unneeded.set(digest, { size: length, fate: other === 'goes' ? fate : other });
    }
  }
  return { groups, unneeded, needed: packs.count - unneeded.size };
}

function* writePacksAnew(
  packs: Packs,
  groups: PackPlan['groups'],
  isGarbage: (digest: Digest) => boolean,
  moment: number,
): Generator<number, Set<Digest>, void> {
  const gone = new Set<Digest>();
  const known = new Map(packs.all().map((pack) => [pack.name, pack]));
  try {
    for (const group of groups) {
      const olds = group.flatMap((name) => asOld(known.get(name), isGarbage, moment));
      for (const pack of yield* packs.rewrite(olds)) {
        for (const { digest } of pack.index.objects()) if (isGarbage(digest)) gone.add(digest);
      }
    }
  } catch (error) {
    throw fileError(error, 'write packs of the cache anew');
  }
  const isThere = packs.presence();
  for (const digest of gone) if (isThere(digest)) gone.delete(digest);
  return gone;
}

function asOld(pack: Pack | undefined, isGarbage: (digest: Digest) => boolean, moment: number): OldPack[] {
  const before = pack && timeOf(pack);
  if (pack === undefined || before === undefined) return [];
  const isYoung = before > moment;
  return [
    {
      pack,
      isWanted: (digest) => isYoung || !isGarbage(digest),
      // Whoever has put something of it meanwhile has put a new date on it, and may want what was left out.
      mayGo: (modified) => modified === before,
    },
  ];
}

function timeOf({ path }: Pack): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
