import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { equalValues, isMap as isValueMap, type Value, type ValueMap } from '../../core/value.ts';
import { emptyMap } from './flow.ts';
import { readYaml } from './yaml.ts';
import { valueOf } from './yaml-node.ts';

/**
 * Sets one value of a YAML text that is a mapping, `keys` leading to it, and leaves every other character as it is: comments,
 * order, quotes and empty lines. Where that cannot be done in place, comments and order still stay.
 */
export function setYamlValue(
  text: string,
  keys: readonly [string] | readonly [string, string],
  value: Value,
  shown: string,
) {
  const wanted = withValue(valuesOf(text), keys, value);
  const spliced = splice(text, keys, shown);
  if (spliced !== null && equalValues(valuesOf(spliced), wanted)) return spliced;
  const document = parseDocument(text, { intAsBigInt: true });
  document.setIn(keys, document.createNode(value, { flow: true }));
  return document.toString({ lineWidth: 0 });
}

function splice(text: string, [first, second]: readonly [string, string?], shown: string): string | null {
  const { contents } = parseDocument(text, { intAsBigInt: true });
  const line = second === undefined ? `${first}: ${shown}` : `${first}:\n  ${second}: ${shown}`;
  if (!isMap(contents) || contents.items.length === 0)
    return contents === null || isEmptyFlow(contents) ? append(text, line) : null;
  const pair = find(contents, first);
  if (pair === undefined) return append(text, line);
  if (second === undefined) return replace(text, pair, shown);

  const below = pair.value;
  if (!isMap(below) || below.flow === true || below.items.length === 0) return null;
  const inner = find(below, second);
  return inner === undefined ? insertAfter(text, below, `${second}: ${shown}`) : replace(text, inner, shown);
}

function append(text: string, line: string): string {
  const before = text.trim() === '{}' || text === '' ? '' : text.endsWith('\n') ? text : `${text}\n`;
  return `${before}${line}\n`;
}

function replace(text: string, { value }: Pair, shown: string): string | null {
  const inOneLine = (isMap(value) && value.flow === true) || (isScalar(value) && !value.type?.startsWith('BLOCK'));
  if (!inOneLine || !value.range || value.range[0] === value.range[1]) return null;
  return text.slice(0, value.range[0]) + shown + text.slice(value.range[1]);
}

/** A new line behind the last item of a block mapping, indented like its first. */
function insertAfter(text: string, map: YAMLMap, line: string): string | null {
  const firstKey = map.items[0]?.key;
  const last = map.items.at(-1)?.value;
  const start = rangeOf(firstKey)?.[0];
  const end = rangeOf(last)?.[1] ?? rangeOf(map.items.at(-1)?.key)?.[1];
  if (start === undefined || end === undefined) return null;
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  const content = text.slice(0, end).trimEnd().length;
  const newline = text.indexOf('\n', content);
  if (newline < 0) return `${text}\n${indent}${line}\n`;
  return `${text.slice(0, newline + 1)}${indent}${line}\n${text.slice(newline + 1)}`;
}

function rangeOf(node: unknown): readonly number[] | undefined {
  return (isScalar(node) || isMap(node) ? node.range : undefined) ?? undefined;
}

function find(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((item) => isScalar(item.key) && item.key.value === key);
}

function isEmptyFlow(contents: unknown): boolean {
  return isMap(contents) && contents.items.length === 0;
}

function valuesOf(text: string): ValueMap {
  const { root } = readYaml(text, '');
  const value = root === null ? null : valueOf(root);
  return isValueMap(value ?? undefined) ? (value as ValueMap) : {};
}

function withValue(values: ValueMap, [first, second]: readonly [string, string?], value: Value): ValueMap {
  const copy: Record<string, Value> = Object.assign(emptyMap<Value>(), values);
  const below = copy[first];
  copy[first] = second === undefined ? value : withValue(isValueMap(below) ? below : {}, [second], value);
  return copy;
}
