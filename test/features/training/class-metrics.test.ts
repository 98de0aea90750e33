import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CLASS_METRICS, type ClassMetric } from '../../../src/core/built-in/evaluate.ts';
import { classMetrics } from '../../../src/features/training/class-metrics.ts';
import { likeliest } from '../../../src/features/training/probabilities.ts';

interface StoredCase {
  readonly actual: number[];
  readonly probabilities: number[][];
  readonly expected: Record<ClassMetric, number>;
}

test('every measure is the one of scikit-learn', () => {
  const file = join(import.meta.dirname, 'scikit-learn.json');
  const { actual, probabilities, expected } = JSON.parse(readFileSync(file, 'utf8')) as StoredCase;
  const logs = Float64Array.from(probabilities.flat(), Math.log);
  const judgement = { classes: 4, actual: Int32Array.from(actual), predicted: likeliest(logs, 4), logs };
  const found = classMetrics(judgement, CLASS_METRICS);
  for (const name of CLASS_METRICS) expect(Math.abs((found[name] ?? NaN) - expected[name])).toBeLessThan(1e-12);
});

test('only what was asked for is measured, in that order', () => {
  const judgement = {
    classes: 2,
    actual: Int32Array.of(0, 1, 1),
    predicted: Int32Array.of(0, 1, 0),
    logs: Float64Array.of(Math.log(0.9), Math.log(0.1), Math.log(0.2), Math.log(0.8), Math.log(0.5), Math.log(0.5)),
  };
  expect(Object.entries(classMetrics(judgement, ['log_loss', 'accuracy']))).toEqual([
    ['log_loss', expect.closeTo(-(Math.log(0.9) + Math.log(0.8) + Math.log(0.5)) / 3, 12)],
    ['accuracy', 2 / 3],
  ]);
});
