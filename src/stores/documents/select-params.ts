import { MlopsError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { Value, ValueMap } from '../../core/value.ts';
import { emptyMap } from './flow.ts';
import { lookUp, namesIn } from './interpolate.ts';

/** The values under dotted names; null selects the whole file, under `*`. A name that is not there is an error. */
export function selectParams(values: ValueMap, names: readonly string[] | null, file: string): Record<string, Value> {
  const selected = emptyMap<Value>();
  if (names === null) {
    selected['*'] = values;
    return selected;
  }
  for (const name of names) {
    const value = lookUp(values, name);
    if (value === undefined) throw new MlopsError('invalid-file', noSuchParam(values, name, file));
    selected[name] = value;
  }
  return selected;
}

/** The dotted names that a params file lacks, each with a sentence that says so. */
export function missingParams(values: ValueMap, names: readonly string[], file: string) {
  const missing = names.filter((name) => lookUp(values, name) === undefined);
  return missing.map((name) => ({ name, message: noSuchParam(values, name, file) }));
}

function noSuchParam(values: ValueMap, name: string, file: string): string {
  return `There is no param "${name}" in ${file}${didYouMean(name, namesIn(values))}`;
}
