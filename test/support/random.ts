/** Numbers that are the same for the same seed (mulberry32), and what is drawn with them. */
export interface Random {
  next(): number;
  pick<T>(items: readonly T[]): T;
  chance(of: number): boolean;
  some<T>(items: readonly T[], most: number): T[];
}

/** A source of chance that a seed tells in full. */
export function createRandom(seed: number): Random {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) throw new Error('There is nothing to pick from.');
    return items[Math.floor(next() * items.length)] as T;
  };
  return {
    next,
    pick,
    chance: (of) => next() < of,
    some(items, most) {
      const left = [...items];
      return Array.from({ length: Math.floor(next() * (Math.min(most, items.length) + 1)) }, () => {
        const [taken] = left.splice(Math.floor(next() * left.length), 1);
        return taken as (typeof items)[number];
      });
    },
  };
}
