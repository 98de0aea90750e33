import { expect, test } from 'vitest';
import type { EarlyStopping } from '../../../src/core/built-in/fit.ts';
import { watch, type Watch, WATCH_START } from '../../../src/features/training/early-stopping.ts';

/** Epochs with these values until it is time to stop, and the best of them. */
function run(values: readonly number[], stopping: Partial<EarlyStopping> | null): { epochs: number; best: number } {
  const settings: EarlyStopping = { monitor: 'val_loss', patience: 2n, restore_best: true, ...stopping };
  let watched: Watch = WATCH_START;
  let epochs = 0;
  for (const value of values) {
    if (watched.shouldStop) break;
    epochs++;
    const metrics = { loss: value, accuracy: value, val_loss: value, val_accuracy: value };
    watched = watch(watched, epochs, { metrics, stopping: stopping === null ? null : settings });
  }
  return { epochs, best: watched.bestEpoch };
}

test('training stops after so many epochs without a better value', () => {
  expect(run([5, 4, 3, 4, 5, 1], {})).toEqual({ epochs: 5, best: 3 });
});

test('an equal value is not a better one', () => {
  expect(run([3, 3, 3, 3], {})).toEqual({ epochs: 3, best: 1 });
});

test('a patience of none stops at the first epoch that is not better', () => {
  expect(run([3, 2, 2, 1], { patience: 0n })).toEqual({ epochs: 3, best: 2 });
});

test('of accuracies, the highest is the best', () => {
  expect(run([0.5, 0.9, 0.8, 0.7, 1], { monitor: 'val_accuracy' })).toEqual({ epochs: 4, best: 2 });
});

test('a loss that is no number is never better', () => {
  expect(run([2, NaN, NaN, 1], {})).toEqual({ epochs: 3, best: 1 });
});

test('without early stopping every epoch runs, and the last is kept', () => {
  expect(run([1, 2, 3, 4], null)).toEqual({ epochs: 4, best: 4 });
});
