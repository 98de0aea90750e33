import { equalValues, type Value } from '../../core/value.ts';
import type { Decoder } from './decode.ts';
import { emptyMap } from './flow.ts';
import { keyOf, type Variant } from './variant.ts';
import { mapOf, valueOf, type YamlField, type YamlMap } from './yaml-node.ts';

const MOST_VARIANTS = 10_000;

type Item = Readonly<Record<string, Value>>;

interface Combination {
  readonly keys: readonly string[];
  readonly item: Item;
}

/** A mapping of `exclude` or `include`. */
interface Part {
  readonly at: number;
  readonly item: Item;
}

/**
 * Every combination of the lists of a matrix, the last one changing fastest, less those that `exclude` names. A mapping of
 * `include` adds its values to the combinations that agree with it, or is one more when none does.
 */
export function expandMatrix(field: YamlField, decoder: Decoder): Variant[] {
  const map = decoder.map(field.value, '"matrix"');
  if (map === undefined) return [];
  const axes = map.fields.filter(({ key }) => key !== 'exclude' && key !== 'include');
  const names = axes.map(({ key }) => key);
  const excluded = partsOf(map, 'exclude', decoder);
  const included = partsOf(map, 'include', decoder);
  if (axes.length === 0 && included.length === 0) {
    decoder.problem(field.at, '"matrix" needs a list to combine, such as { model: [linear, mlp] }.');
  }
  for (const { at, item } of excluded) {
    const stray = Object.keys(item).find((key) => !names.includes(key));
    if (stray !== undefined) decoder.problem(at, `"exclude" names "${stray}", which is no list of this matrix.`);
  }
  const all = axes.length === 0 ? [] : combine(axes, field.at, decoder);
  const kept = all.filter(({ item }) => !excluded.some((part) => agrees(item, part.item)));
  const combinations = included.reduce<readonly Combination[]>((known, { item }) => include(known, item, names), kept);
  return combinations.map(({ keys, item }) => ({ key: keys.join('-'), item }));
}

function combine(axes: readonly YamlField[], at: number, decoder: Decoder): Combination[] {
  let combinations: Combination[] = [{ keys: [], item: emptyMap<Value>() }];
  for (const axis of axes) {
    const values = decoder.items(axis).map(valueOf);
    if (values.length === 0 && !decoder.isWrongAt(axis.value.at))
      decoder.problem(axis.at, `"${axis.key}" has no value, so this matrix stands for no stage.`);
    if (combinations.length * values.length > MOST_VARIANTS) {
      decoder.problem(at, `This matrix stands for more than ${MOST_VARIANTS} stages.`);
      return [];
    }
    combinations = combinations.flatMap(({ keys, item }) =>
      values.map((value, place) => ({
        keys: [...keys, partOfKey(axis.key, value, place)],
        item: Object.assign(emptyMap<Value>(), item, { [axis.key]: value }),
      })),
    );
  }
  return combinations;
}

function include(known: readonly Combination[], item: Item, axes: readonly string[]): readonly Combination[] {
  const onAxes = Object.fromEntries(Object.entries(item).filter(([key]) => axes.includes(key)));
  const isMeant = (one: Combination) => agrees(one.item, onAxes);
  if (axes.length > 0 && known.some(isMeant)) {
    const extended = (one: Combination) => ({ ...one, item: Object.assign(emptyMap<Value>(), one.item, item) });
    return known.map((one) => (isMeant(one) ? extended(one) : one));
  }
  const keys = Object.entries(item).map(([key, value]) => partOfKey(key, value, known.length));
  return [...known, { keys, item }];
}

/** Whether a combination has all that a part of one says. */
function agrees(item: Item, part: Item): boolean {
  return Object.entries(part).every(([key, value]) => equalValues(item[key], value));
}

function partOfKey(axis: string, value: Value, at: number): string {
  return typeof value === 'object' && value !== null ? `${axis}${at}` : keyOf(value, at);
}

function partsOf(matrix: YamlMap, key: 'exclude' | 'include', decoder: Decoder): Part[] {
  const field = matrix.fields.find((one) => one.key === key);
  if (field === undefined) return [];
  return decoder.items(field).flatMap((node) => {
    const map = decoder.map(node, `Each item of "${key}"`);
    return map === undefined ? [] : [{ at: node.at, item: mapOf(map) }];
  });
}
