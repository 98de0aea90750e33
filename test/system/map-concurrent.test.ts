import { expect, test } from 'vitest';
import { mapConcurrent } from '../../src/system/map-concurrent.ts';

test('results come in the order of their items, with no more in flight than allowed', async () => {
  let [running, most] = [0, 0];
  const results = await mapConcurrent([5, 3, 1, 4, 2], 2, async (item) => {
    most = Math.max(most, ++running);
    for (let turn = 0; turn < item; turn++) await Promise.resolve();
    running--;
    return item * 10;
  });
  expect(results).toEqual([50, 30, 10, 40, 20]);
  expect(most).toBe(2);
});

test('the first failure stops the rest, and nothing runs on behind it', async () => {
  const started: number[] = [];
  let finished = 0;
  const work = mapConcurrent([1, 2, 3, 4, 5], 2, async (item) => {
    started.push(item);
    await Promise.resolve();
    if (item === 1) throw new Error('no');
    await Promise.resolve();
    finished++;
  });
  await expect(work).rejects.toThrow('no');
  expect(started).toEqual([1, 2]);
  expect(finished).toBe(1);
});
