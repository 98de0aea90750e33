import { expect, test } from 'vitest';
import { createRandom, shuffledOrder } from '../../../src/features/training/random.ts';

// These numbers are a promise: every weight that was ever trained depends on them.
test('a stream of a seed and a purpose is the same for ever', () => {
  const random = createRandom(42n, 'weights/dense_1/kernel');
  expect([random(), random(), random()]).toEqual([0.3645037596579641, 0.7115076447371393, 0.7064251871779561]);
  expect([...shuffledOrder(8, createRandom(0n, 'shuffle/1'))]).toEqual([7, 3, 1, 2, 0, 4, 5, 6]);
});

test('seeds and purposes have streams of their own', () => {
  const first = (seed: bigint, purpose: string) => createRandom(seed, purpose)();
  const firsts = [first(0n, 'a'), first(1n, 'a'), first(0n, 'b'), first(10n ** 30n, 'a')];
  expect(new Set(firsts).size).toBe(4);
});

test('numbers are spread evenly from 0 up to 1', () => {
  const random = createRandom(7n, 'spread');
  const tenths = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 100_000; i++) {
    const at = Math.floor(random() * 10);
    tenths[at] = (tenths[at] ?? 0) + 1;
  }
  expect(Math.min(...tenths)).toBeGreaterThan(9_700);
  expect(Math.max(...tenths)).toBeLessThan(10_300);
});

test('a shuffle keeps everything and leaves little where it was', () => {
  const order = shuffledOrder(1000, createRandom(7n, 'shuffle'));
  expect([...order].sort((a, b) => a - b)).toEqual([...order.keys()]);
  expect(order.filter((value, at) => value === at).length).toBeLessThan(10);
});
