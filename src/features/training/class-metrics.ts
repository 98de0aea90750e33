import type { ClassMetric } from '../../core/built-in/evaluate.ts';

/** What a classifier said of some rows. */
export interface Judgement {
  readonly classes: number;
  readonly actual: Int32Array;
  readonly predicted: Int32Array;
  /** Log probability of each class, row after row. */
  readonly logs: Float64Array;
}

/** The measures that were asked for, as scikit-learn defines them; means over classes count every class that occurs once. */
export function classMetrics(judgement: Judgement, wanted: readonly ClassMetric[]): Record<string, number> {
  const counts = countClasses(judgement);
  const measures: Record<ClassMetric, () => number> = {
    accuracy: () => sum(counts.map(({ right }) => right)) / judgement.actual.length,
    balanced_accuracy: () => mean(counts.filter(({ actual }) => actual > 0).map(({ right, actual }) => right / actual)),
    f1: () => mean(present(counts).map(({ right, actual, predicted }) => ratio(2 * right, actual + predicted))),
    precision: () => mean(present(counts).map(({ right, predicted }) => ratio(right, predicted))),
    recall: () => mean(present(counts).map(({ right, actual }) => ratio(right, actual))),
    log_loss: () => logLoss(judgement),
  };
  return Object.fromEntries(wanted.map((name) => [name, measures[name]()]));
}

/** Mean of the negative log probability of the right class. */
export function logLoss({ actual, classes, logs }: Judgement): number {
  let total = 0;
  actual.forEach((label, row) => (total -= logs[row * classes + label] ?? 0));
  return total / actual.length;
}

interface ClassCount {
  readonly actual: number;
  readonly predicted: number;
  readonly right: number;
}

function countClasses({ classes, actual, predicted }: Judgement): ClassCount[] {
  const counts = Array.from({ length: classes }, () => ({ actual: 0, predicted: 0, right: 0 }));
  actual.forEach((label, row) => {
    const guess = predicted[row] ?? -1;
    const [own, guessed] = [counts[label], counts[guess]];
    if (own !== undefined) own.actual++;
    if (guessed !== undefined) guessed.predicted++;
    if (own !== undefined && label === guess) own.right++;
  });
  return counts;
}

function present(counts: readonly ClassCount[]): readonly ClassCount[] {
  return counts.filter(({ actual, predicted }) => actual + predicted > 0);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
