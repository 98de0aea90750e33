/** How many rounds a harness does: few by default, as many as `MLOPS_ROUNDS` says when somebody wants to be sure. */
export function roundsOr(few: number): number {
  const asked = Number(process.env['MLOPS_ROUNDS'] ?? '');
  return Number.isSafeInteger(asked) && asked > 0 ? asked : few;
}

/** Where chance begins. Each failure names its round's seed: `MLOPS_SEED` begins there again. */
export const SEED = Number(process.env['MLOPS_SEED'] ?? '1');

/** Chance that comes out the same for the same seed. */
export interface Chance {
  /** A whole number from 0 up to, and without, `below`. */
  readonly below: (below: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
}

/** Numbers that follow from a seed alone (the generator mulberry32). */
export function chanceFrom(seed: number): Chance {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    pick: <T>(items: readonly T[]): T => {
      const [item] = items.slice(below(items.length));
      if (item === undefined) throw new Error('there is nothing to pick from');
      return item;
    },
  };
}

/** Goes through seeds one after another; what fails says which seed it was. */
export async function eachRound(few: number, round: (chance: Chance, seed: number) => Promise<void>): Promise<void> {
  for (let seed = SEED; seed < SEED + roundsOr(few); seed++) {
    try {
      await round(chanceFrom(seed), seed);
    } catch (error) {
      if (error instanceof Error) error.message = `[MLOPS_SEED=${seed}] ${error.message}`;
      throw error;
    }
  }
}

/** Time for so many rounds as were asked for. */
export function timeFor(few: number, secondsEach: number): number {
  return Math.max(60_000, roundsOr(few) * secondsEach * 1000);
}
