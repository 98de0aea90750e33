/** The generator and the way it is seeded. Part of what makes weights the same everywhere. */
export const RANDOM = 'xoshiro128++ 1.0, streams by name';

/** Numbers from 0 up to, without, 1. */
export type Random = () => number;

/** A stream of random numbers that depends on a seed and on what the numbers are for, and on nothing else. */
export function createRandom(seed: bigint, purpose: string): Random {
  let [a, b, c, d] = startState(`${seed}/${purpose}`);
  return () => {
    const sum = (a + d) | 0;
    const result = (((sum << 7) | (sum >>> 25)) + a) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result / 0x1_0000_0000;
  };
}

/** The whole numbers below a count in random order (Fisher and Yates). */
export function shuffledOrder(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const moved = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = moved;
  }
  return order;
}

/** Four words from a text: FNV-1a, stirred by MurmurHash3's last step once per word. */
function startState(text: string): [number, number, number, number] {
  let state = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) state = Math.imul(state ^ byte, 0x01000193);
  const next = () => {
    state = (state + 0x9e3779b9) | 0;
    let word = state;
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return (word ^ (word >>> 16)) | 0;
  };
  return [next(), next(), next(), next()];
}
