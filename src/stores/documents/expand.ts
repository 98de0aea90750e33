import type { ValueMap } from '../../core/value.ts';
import type { Decoder } from './decode.ts';
import { interpolate } from './interpolate.ts';
import type { YamlField, YamlNode } from './yaml-node.ts';

/** A stage as it stands after its `${…}` were replaced. */
export interface WrittenStage {
  readonly name: string;
  readonly at: number;
  readonly node: YamlNode;
}

/** The stages of a file, each with its `${…}` replaced. */
export function expandStages(field: YamlField | undefined, values: ValueMap, decoder: Decoder): WrittenStage[] {
  const map = field && decoder.map(field.value, '"stages"');
  return (map?.fields ?? []).map(({ key, at, value }) => ({
    name: key,
    at,
    node: interpolate(value, values, decoder),
  }));
}
