import { emptyMap } from './flow.ts';
import { isList, type Value, type ValueMap } from '../../core/value.ts';

/** A value of a YAML file with its place, an offset into the text. */
export type YamlNode = YamlScalar | YamlList | YamlMap;

/** A text, number, truth value or null. */
export interface YamlScalar {
  readonly type: 'scalar';
  readonly at: number;
  readonly value: Value;
}

/** A list of values. */
export interface YamlList {
  readonly type: 'list';
  readonly at: number;
  readonly items: readonly YamlNode[];
}

/** A mapping, in the order of the file. A key that stands in it twice is a mistake, told already. */
export interface YamlMap {
  readonly type: 'map';
  readonly at: number;
  readonly fields: readonly YamlField[];
}

/** One key of a mapping. */
export interface YamlField {
  readonly key: string;
  readonly at: number;
  readonly value: YamlNode;
}

/** Whether nothing is there: `key:` alone, or `null`. */
export function isNull(node: YamlNode): boolean {
  return node.type === 'scalar' && node.value === null;
}

/** The value without its places. */
export function valueOf(node: YamlNode): Value {
  if (node.type === 'scalar') return node.value;
  return node.type === 'list' ? node.items.map(valueOf) : mapOf(node);
}

/** A mapping without its places. */
export function mapOf({ fields }: YamlMap): ValueMap {
  const map = emptyMap<Value>();
  for (const { key, value } of fields) map[key] = valueOf(value);
  return map;
}

/** A value that has no places of its own, as if all of it stood at one. */
export function nodeOf(value: Value, at: number): YamlNode {
  if (typeof value !== 'object' || value === null) return { type: 'scalar', at, value };
  if (isList(value)) return { type: 'list', at, items: value.map((item) => nodeOf(item, at)) };
  return {
    type: 'map',
    at,
    fields: Object.entries(value).map(([key, item]) => ({ key, at, value: nodeOf(item, at) })),
  };
}
