import { expect, test } from 'vitest';
import { createDesk, digits, penguins } from './jobs.ts';

/** Accuracies on the test rows, a training for each seed; the seed deals the rows as well. */
async function accuracies(name: 'penguins' | 'digits', seeds: readonly bigint[]): Promise<number[]> {
  const desk = await createDesk();
  desk.lay(name);
  const found: number[] = [];
  for (const seed of seeds) {
    await desk.run('train', (name === 'penguins' ? penguins : digits)({ seed }));
    await desk.run('evaluate', { model: `models/${name}` });
    found.push(Number(desk.json('metrics.json')['accuracy']));
  }
  return found;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('penguins are told apart on rows that were never seen, whatever the seed', async () => {
  const found = await accuracies('penguins', [1n, 2n, 3n, 42n]);
  expect(mean(found)).toBeGreaterThanOrEqual(0.97);
});

test('digits are told apart on rows that were never seen, whatever the seed', async () => {
  const found = await accuracies('digits', [1n, 42n]);
  expect(mean(found)).toBeGreaterThanOrEqual(0.96);
});
