import { leavesOf, type ValueMap } from '../../../core/value.ts';
import type { Metrics } from '../../../core/metrics.ts';

/** One way to write numbers down in a file. */
export interface MetricsFormat {
  /** Endings of file names, with the dot. */
  readonly extensions: readonly string[];
  /** The named numbers of a file; everything else in it is left out. Fails with `invalid-file` and the place. */
  parse(bytes: Uint8Array, file: string): Metrics;
}

/** The numbers below a mapping by dotted names: `eval.accuracy`, `folds.0.loss`. */
export function numbersIn(values: ValueMap): Metrics {
  const numbers = Object.create(null) as Record<string, number>;
  for (const [name, value] of leavesOf(values)) {
    if (typeof value === 'number' || typeof value === 'bigint') numbers[name] = Number(value);
  }
  return numbers;
}
