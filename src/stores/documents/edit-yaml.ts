import { isMap, isScalar, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { equalValues, isMap as isValueMap, type Value, type ValueMap } from '../../core/value.ts';
import { emptyMap } from './flow.ts';
import { readYaml } from './yaml.ts';
import { valueOf } from './yaml-node.ts';

type Keys = readonly [string, ...string[]];

/**
 * Sets one value of a YAML text that is a mapping, `keys` leading to it, and leaves every other character as it is: comments,
 * order, quotes and empty lines. Where that cannot be done in place, comments and order still stay. What is shown is the rest
 * of the key's line, or, with a line end in front, lines of their own, indented by two.
 */
export function setYamlValue(text: string, keys: Keys, value: Value, shown: string): string {
  const spliced = spliceIn(text, contentsOf(text), keys, shown);
  if (spliced !== null && equalValues(valuesOf(spliced), withValue(valuesOf(text), keys, value))) return spliced;
  const document = parseDocument(text, { intAsBigInt: true });
  document.setIn(keys, document.createNode(value, { flow: true }));
  return document.toString({ lineWidth: 0 });
}

/** Takes one value out of such a text, with the mappings that become empty by it; what is not there changes nothing. */
export function removeYamlValue(text: string, keys: Keys): string {
  const document = parseDocument(text, { intAsBigInt: true });
  if (!document.hasIn(keys)) return text;
  const parent = keys.length === 1 ? document.contents : document.getIn(keys.slice(0, -1), true);
  const [first, ...rest] = keys.slice(0, -1);
  if (first !== undefined && isMap(parent) && parent.items.length === 1) return removeYamlValue(text, [first, ...rest]);

  const cut = isMap(parent) ? (parent.flow === true ? cutInFlow : cutLines)(text, parent, keys.at(-1) ?? '') : null;
  document.deleteIn(keys);
  const wanted = document.toString({ lineWidth: 0 });
  return cut !== null && equalValues(valuesOf(cut), valuesOf(wanted)) ? cut : wanted;
}

/** Gives one key of such a text another name; everything else stays as it is. Fails where there is no such key. */
export function renameYamlKey(text: string, keys: Keys, shown: string): string {
  const document = parseDocument(text, { intAsBigInt: true });
  const parent = keys.length === 1 ? document.contents : document.getIn(keys.slice(0, -1), true);
  const range = isMap(parent) ? rangeOf(find(parent, keys.at(-1) ?? '')?.key) : undefined;
  if (range === undefined) throw new Error(`There is no key ${keys.join('.')}.`);
  return text.slice(0, range[0]) + shown + text.slice(range[1]);
}

/** One value of such a text; undefined when it is not there. */
export function yamlValueAt(text: string, keys: Keys): Value | undefined {
  let value: Value | undefined = valuesOf(text);
  for (const key of keys) value = isValueMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

/** The text with a value set below a mapping of it; null where that needs more than to put characters in. */
function spliceIn(text: string, map: unknown, [key, ...below]: Keys, shown: string): string | null {
  const [next, ...rest] = below;
  if (!isMap(map) || map.items.length === 0) {
    return map === null || isEmptyFlow(map) ? append(text, nested([key, ...below], shown)) : null;
  }
  const pair = find(map, key);
  if (pair === undefined) {
    if (map.flow === true) return next === undefined ? insertInFlow(text, map, `${key}: ${shown}`) : null;
    return insertAfter(text, map, nested([key, ...below], shown));
  }
  if (next === undefined) return shown.startsWith('\n') ? replaceLines(text, pair, shown) : replace(text, pair, shown);
  if (isNothing(pair.value) && map.flow !== true)
    return replaceLines(text, pair, `\n${indented(nested([next, ...rest], shown), '  ')}`);
  return isMap(pair.value) ? spliceIn(text, pair.value, [next, ...rest], shown) : null;
}

function nested(keys: readonly string[], shown: string): string {
  const path = keys.map((key, depth) => `${'  '.repeat(depth)}${key}:`).join('\n');
  return shown.startsWith('\n') ? path + indented(shown, '  '.repeat(keys.length - 1)) : `${path} ${shown}`;
}

function append(text: string, lines: string): string {
  const before = text.trim() === '{}' || text === '' ? '' : text.endsWith('\n') ? text : `${text}\n`;
  return `${before}${lines}\n`;
}

function replace(text: string, { value }: Pair, shown: string): string | null {
  const inOneLine = (isMap(value) && value.flow === true) || (isScalar(value) && !value.type?.startsWith('BLOCK'));
  if (!inOneLine || !value.range || value.range[0] === value.range[1]) return null;
  return text.slice(0, value.range[0]) + shown + text.slice(value.range[1]);
}

/** New lines behind the last item of a block mapping, indented like its first. */
function insertAfter(text: string, map: YAMLMap, lines: string): string | null {
  const start = rangeOf(map.items[0]?.key)?.[0];
  const last = map.items.at(-1);
  const end = rangeOf(last?.value)?.[1] ?? rangeOf(last?.key)?.[1];
  if (start === undefined || end === undefined) return null;
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  // Where a blank line stands before the last item, one stands before a new one of several lines too.
  const lastKey = rangeOf(last?.key)?.[0] ?? 0;
  const isSpaced =
    lines.includes('\n') && map.items.length > 1 && /\n[ \t]*\n(?:[ \t]*#.*\n)*[ \t]*$/.test(text.slice(0, lastKey));
  const added = `${isSpaced ? '\n' : ''}${indented(lines, indent)}`;
  const content = text.slice(0, end).trimEnd().length;
  const newline = text.indexOf('\n', content);
  if (newline < 0) return `${text}\n${added}\n`;
  return `${text.slice(0, newline + 1)}${added}\n${text.slice(newline + 1)}`;
}

/** Other lines in place of the value of a key that has a line to itself. */
function replaceLines(text: string, { key, value }: Pair, shown: string): string | null {
  const [start, keyEnd] = rangeOf(key) ?? [];
  if (start === undefined || keyEnd === undefined) return null;
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  if (indent.trim() !== '') return null;
  const colon = text.indexOf(':', keyEnd);
  const content = Math.max(colon + 1, text.slice(0, rangeOf(value)?.[1] ?? 0).trimEnd().length);
  return text.slice(0, colon + 1) + indented(shown, indent) + text.slice(content);
}

function indented(lines: string, indent: string): string {
  return lines.replace(/^(?=.)/gm, indent);
}

function isNothing(value: unknown): boolean {
  return value === null || (isScalar(value) && value.value === null && value.source === '');
}

/** One more item behind the last of `{ … }`. */
function insertInFlow(text: string, map: YAMLMap, item: string): string | null {
  const end = rangeOf(map.items.at(-1)?.value)?.[1];
  return end === undefined ? null : `${text.slice(0, end)}, ${item}${text.slice(end)}`;
}

/** The text without the lines of one item of a block mapping, and without the comment right above it; a file's first comment is the file's. */
function cutLines(text: string, map: YAMLMap, key: string): string | null {
  const pair = find(map, key);
  const start = rangeOf(pair?.key)?.[0];
  const end = rangeOf(pair?.value)?.[1] ?? rangeOf(pair?.key)?.[1];
  if (start === undefined || end === undefined) return null;
  const line = text.lastIndexOf('\n', start - 1) + 1;
  const indent = text.slice(line, start);
  let from = line;
  for (let above = lineAbove(text, from); above !== null; above = lineAbove(text, from)) {
    if (!text.startsWith(`${indent}#`, above)) break;
    from = above;
  }
  if (from === 0) from = line;
  const newline = text.indexOf('\n', text.slice(0, end).trimEnd().length);
  const [before, after] = [text.slice(0, from), newline < 0 ? '' : text.slice(newline + 1)];
  // Of the blank lines around it one is enough.
  const isSpaced = /\n[ \t]*\n$/.test(before) && /^[ \t]*(?:\n|$)/.test(after);
  return (isSpaced ? before.replace(/\n[ \t]*\n$/, '\n') : before) + after;
}

/** The text without one of the items of `{ … }`, of which there are more. */
function cutInFlow(text: string, map: YAMLMap, key: string): string | null {
  const at = map.items.findIndex((item) => isScalar(item.key) && item.key.value === key);
  const endOf = (item: Pair | undefined) => rangeOf(item?.value)?.[1] ?? rangeOf(item?.key)?.[1];
  const [from, to] =
    at > 0
      ? [endOf(map.items[at - 1]), endOf(map.items[at])]
      : [rangeOf(map.items[0]?.key)?.[0], rangeOf(map.items[1]?.key)?.[0]];
  return from === undefined || to === undefined ? null : text.slice(0, from) + text.slice(to);
}

function lineAbove(text: string, from: number): number | null {
  return from === 0 ? null : text.lastIndexOf('\n', from - 2) + 1;
}

function rangeOf(node: unknown): readonly number[] | undefined {
  return ((node as Node | undefined)?.range ?? undefined) || undefined;
}

function find(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((item) => isScalar(item.key) && item.key.value === key);
}

function contentsOf(text: string): unknown {
  return parseDocument(text, { intAsBigInt: true }).contents;
}

function isEmptyFlow(contents: unknown): boolean {
  return isMap(contents) && contents.items.length === 0;
}

// One text is asked for several values in a row, and a long one takes its time.
let latest: { readonly text: string; readonly values: ValueMap } = { text: '', values: {} };

function valuesOf(text: string): ValueMap {
  if (latest.text !== text) latest = { text, values: readValues(text) };
  return latest.values;
}

function readValues(text: string): ValueMap {
  const { root } = readYaml(text, '');
  const value = root === null ? null : valueOf(root);
  return isValueMap(value ?? undefined) ? (value as ValueMap) : {};
}

function withValue(values: ValueMap, [first, second, ...rest]: Keys, value: Value): ValueMap {
  const copy: Record<string, Value> = Object.assign(emptyMap<Value>(), values);
  const below = copy[first];
  copy[first] = second === undefined ? value : withValue(isValueMap(below) ? below : {}, [second, ...rest], value);
  return copy;
}
