import { isList, isMap, type Value, type ValueMap } from '../../../core/value.ts';
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

/** Every value below a mapping that is no mapping or list itself, by its dotted name. Empty ones count as values. */
export function leavesOf(value: Value, prefix = ''): [name: string, value: Value][] {
  const entries: [string, Value][] = isMap(value)
    ? Object.entries(value)
    : isList(value)
      ? [...value.entries()].map(([at, item]) => [String(at), item])
      : [];
  if (entries.length === 0) return prefix === '' ? [] : [[prefix, value]];
  return entries.flatMap(([key, item]) => leavesOf(item, prefix === '' ? key : `${prefix}.${key}`));
}
