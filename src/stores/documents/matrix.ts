import { equalValues, type Value } from '../../core/value.ts';
import type { Decoder } from './decode.ts';
import { keyOf, type Variant } from './variant.ts';
import { emptyMap } from './flow.ts';
import { mapOf, valueOf, type YamlField } from './yaml-node.ts';

const MOST_VARIANTS = 10_000;

interface Combination {
  readonly keys: readonly string[];
  readonly item: Readonly<Record<string, Value>>;
}

/** Every combination of the lists of a matrix, the last one changing fastest, less those that `exclude` names. */
export function expandMatrix(field: YamlField, decoder: Decoder): Variant[] {
  const map = decoder.map(field.value, '"matrix"');
  let combinations: Combination[] = [{ keys: [], item: emptyMap<Value>() }];
  for (const axis of map?.fields ?? []) {
    if (axis.key === 'exclude') continue;
    const values = decoder.list(axis, 'a list').map(valueOf);
    if (combinations.length * values.length > MOST_VARIANTS) {
      decoder.problem(field.at, `This matrix stands for more than ${MOST_VARIANTS} stages.`);
      return [];
    }
    combinations = combinations.flatMap(({ keys, item }) =>
      values.map((value, at) => ({
        keys: [...keys, typeof value === 'object' && value !== null ? `${axis.key}${at}` : keyOf(value, at)],
        item: Object.assign(emptyMap<Value>(), item, { [axis.key]: value }),
      })),
    );
  }
  const excluded = excludedBy(
    map?.fields.find(({ key }) => key === 'exclude'),
    decoder,
  );
  return combinations
    .filter(
      ({ item }) =>
        !excluded.some((part) => Object.entries(part).every(([key, value]) => equalValues(item[key], value))),
    )
    .map(({ keys, item }) => ({ key: keys.join('-'), item }));
}

function excludedBy(field: YamlField | undefined, decoder: Decoder): Readonly<Record<string, Value>>[] {
  if (field === undefined) return [];
  return decoder.list(field, 'a list').flatMap((node) => {
    const map = decoder.map(node, 'Each item of "exclude"');
    return map === undefined ? [] : [mapOf(map)];
  });
}
