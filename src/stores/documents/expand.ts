import { isMap, type Value, type ValueMap } from '../../core/value.ts';
import type { Decoder } from './decode.ts';
import { interpolate } from './interpolate.ts';
import { expandMatrix } from './matrix.ts';
import { fullName } from './stage-name.ts';
import { originsOf, type Variables } from './variables.ts';
import { keyOf, type Variant } from './variant.ts';
import { valueOf, type YamlField, type YamlMap, type YamlNode } from './yaml-node.ts';

/** A stage as it stands after its `${…}` were replaced. */
export interface WrittenStage {
  readonly name: string;
  readonly at: number;
  readonly node: YamlNode;
  /** What its `${…}` stood for, by file and dotted name. */
  readonly filledIn: Readonly<Record<string, Value>>;
}

/** The stages of a file, those of `foreach` and `matrix` one by one, each with its `${…}` replaced. */
export function expandStages(field: YamlField | undefined, variables: Variables, decoder: Decoder): WrittenStage[] {
  const { values } = variables;
  const fill = (name: string, at: number, node: YamlNode, own: ValueMap): WrittenStage => {
    const used = new Set<string>();
    const filled = interpolate(node, { ...values, ...own }, decoder, { stage: fullName(decoder.folder, name), used });
    return { name, at, node: filled, filledIn: originsOf(used, variables, own) };
  };
  const map = field && decoder.map(field.value, '"stages"');
  return (map?.fields ?? []).flatMap((stage): WrittenStage[] => {
    const { key: name, at, value } = stage;
    const many =
      value.type === 'map' ? value.fields.find(({ key }) => key === 'foreach' || key === 'matrix') : undefined;
    if (many === undefined || value.type !== 'map') return [fill(name, at, value, {})];

    const over = {
      ...many,
      value: interpolate(many.value, values, decoder, { stage: fullName(decoder.folder, name) }),
    };
    const body = many.key === 'foreach' ? bodyOfEach(stage, value, decoder) : withoutMatrix(value);
    const variants = many.key === 'foreach' ? variantsOfEach(over, decoder) : expandMatrix(over, decoder);
    if (body === undefined) return [];
    return variants.map(({ key, item }) => fill(`${name}@${key}`, at, body, { item, key }));
  });
}

function bodyOfEach({ key: name, at }: YamlField, stage: YamlMap, decoder: Decoder): YamlNode | undefined {
  const fields = decoder.fields(stage, `the stage "${name}" with "foreach"`, ['foreach', 'do']);
  return (
    fields.get('do')?.value ?? decoder.problem(at, `The stage "${name}" has "foreach", but no "do" to do for each.`)
  );
}

function withoutMatrix(stage: YamlMap): YamlMap {
  return { ...stage, fields: stage.fields.filter(({ key }) => key !== 'matrix') };
}

function variantsOfEach({ key, value }: YamlField, decoder: Decoder): Variant[] {
  if (value.type === 'list')
    return value.items.map((item, at) => ({ key: keyOf(valueOf(item), at), item: valueOf(item) }));
  const items = value.type === 'map' ? valueOf(value) : undefined;
  if (isMap(items)) return Object.entries(items).map(([name, item], at) => ({ key: keyOf(name, at), item }));
  // What has no value is told already.
  if (decoder.isWrongAt(value.at)) return [];
  return decoder.problem(value.at, `"${key}" has to be a list or a mapping.`) ?? [];
}
