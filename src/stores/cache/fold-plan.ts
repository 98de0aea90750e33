import { LARGEST_PACK } from './pack-writer.ts';

/** What a collection knows of a pack. */
export interface PackState {
  readonly name: string;
  /** Trees and files stay apart. */
  readonly isTrees: boolean;
  /** Nothing of it may go yet. */
  readonly isYoung: boolean;
  /** Bytes of its objects, and of those that somebody needs. */
  readonly bytes: number;
  readonly neededBytes: number;
}

/** A pack of which less is needed is written anew without the rest. */
const LEAST_NEEDED = 0.6;
/** One that has so much already gains nothing by having more. */
const FULL = LARGEST_PACK / 2;

/** Which packs are written anew: those that are mostly garbage, and those that are to be one; trees and files each for themselves. */
export function groupsToWrite(packs: readonly PackState[]): string[][] {
  return [true, false].flatMap((isTrees) => {
    // What is mostly garbage and young stays by itself: among what is needed the garbage would wait for long.
    const kind = packs.filter((pack) => pack.isTrees === isTrees && !(pack.isYoung && isMostlyGarbage(pack)));
    const sizes = kind.map((pack) => ({ name: pack.name, size: pack.isYoung ? pack.bytes : pack.neededBytes }));
    const names = new Set([...kind.filter(isMostlyGarbage), ...packsToFold(sizes)].map(({ name }) => name));
    return names.size === 0 ? [] : [[...names]];
  });
}

function isMostlyGarbage({ bytes, neededBytes }: PackState): boolean {
  return neededBytes < bytes * LEAST_NEEDED;
}

/**
 * The small packs that are too many: what is left has each more than twice as much as all smaller ones together, so that no
 * object is written more often than the logarithm of how many came.
 */
export function packsToFold<T extends { readonly size: number }>(packs: readonly T[]): T[] {
  const small = packs.filter(({ size }) => size < FULL).sort((a, b) => a.size - b.size);
  let [sum, count] = [0, 0];
  for (const [at, { size }] of small.entries()) {
    if (at > 0 && size <= 2 * sum) count = at + 1;
    sum += size;
  }
  return small.slice(0, count);
}
