import type { EarlyStopping } from '../../core/built-in/fit.ts';

/** What an epoch ended with. */
export interface EpochMetrics {
  readonly loss: number;
  readonly accuracy: number;
  readonly val_loss: number | null;
  readonly val_accuracy: number | null;
}

/** Which epoch was the best so far, and whether it is time to stop. Epochs count from 1. */
export interface Watch {
  readonly bestEpoch: number;
  readonly bestValue: number;
  readonly isBest: boolean;
  readonly shouldStop: boolean;
}

/** Before the first epoch. */
export const WATCH_START: Watch = { bestEpoch: 0, bestValue: NaN, isBest: false, shouldStop: false };

/** Looks at one more epoch. Without early stopping the newest epoch is the best, and it never is time. */
export function watch(
  before: Watch,
  epoch: number,
  { metrics, stopping }: { metrics: EpochMetrics; stopping: EarlyStopping | null },
): Watch {
  if (stopping === null) return { bestEpoch: epoch, bestValue: metrics.loss, isBest: true, shouldStop: false };
  const value = metrics[stopping.monitor] ?? NaN;
  const isBetter = stopping.monitor === 'val_accuracy' ? value > before.bestValue : value < before.bestValue;
  if (before.bestEpoch === 0 || isBetter)
    return { bestEpoch: epoch, bestValue: value, isBest: true, shouldStop: false };
  const waited = epoch - before.bestEpoch;
  return { ...before, isBest: false, shouldStop: waited >= Math.max(1, Number(stopping.patience)) };
}
