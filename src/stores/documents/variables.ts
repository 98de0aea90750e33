import { posix } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import { encodeValue, equalValues, isMap, leavesOf, type Value, type ValueMap } from '../../core/value.ts';
import type { Decoder } from './decode.ts';
import { emptyMap } from './flow.ts';
import { lookUp } from './interpolate.ts';
import { parseParams } from './params-file.ts';
import { toProjectPath } from './project-path.ts';
import { mapOf, type YamlNode } from './yaml-node.ts';

/** Reads another file of the same revision; undefined when it is not there. */
export type ReadFile = (path: string) => Promise<Uint8Array | undefined>;

/** What `${…}` may stand for, and which files say it. What two of them say is one thing, or a mistake. */
export interface Variables {
  readonly values: ValueMap;
  readonly layers: readonly Layer[];
}

interface Layer {
  readonly file: string;
  readonly values: ValueMap;
}

/** For a file in which no `${…}` stands. */
export const NO_VARIABLES: Variables = { values: {}, layers: [] };

/** Reads the `params.yaml` beside the file and its `vars`, mappings joined key by key. */
export async function readVariables(root: YamlNode | null, read: ReadFile, decoder: Decoder): Promise<Variables> {
  const beside = posix.join(decoder.folder, DEFAULT_FILE);
  const layers: Layer[] = [{ file: beside, values: await readOne(beside, 0, read, decoder, true) }];
  const add = (layer: Layer, at: number) => {
    tellConflicts(layer, layers, { decoder, at });
    layers.push(layer);
  };
  const vars = root?.type === 'map' ? root.fields.find(({ key }) => key === 'vars') : undefined;
  for (const node of vars === undefined ? [] : decoder.list(vars, 'a list')) {
    if (node.type === 'map') add({ file: decoder.file, values: mapOf(node) }, node.at);
    else {
      const text = decoder.textOf(node, 'Each item of "vars"');
      const found = text === undefined ? undefined : toProjectPath(decoder.folder, text);
      if (found !== undefined && 'problem' in found) decoder.problem(node.at, found.problem);
      if (found !== undefined && 'path' in found) {
        add({ file: found.path, values: await readOne(found.path, node.at, read, decoder, false) }, node.at);
      }
    }
  }
  return { values: layers.reduce<ValueMap>((joined, { values }) => join(joined, values), {}), layers };
}

const DEFAULT_FILE = 'params.yaml';

/** A name that two sources give different values is a mistake: which of them is meant would depend on their order. */
function tellConflicts(layer: Layer, before: readonly Layer[], { decoder, at }: { decoder: Decoder; at: number }) {
  const said = (source: Layer, value: Value) => `${encodeValue(value)} in ${source.file}`;
  for (const { name, ours, theirs, other } of before.flatMap((each) => clashes(each, layer.values, each.values))) {
    decoder.problem(at, `"${name}" is ${said(other, theirs)}, but ${said(layer, ours)}; say it once.`);
  }
}

interface Clash {
  readonly name: string;
  readonly ours: Value;
  readonly theirs: Value;
  readonly other: Layer;
}

function clashes(other: Layer, ours: ValueMap, theirs: ValueMap, prefix = ''): Clash[] {
  return Object.entries(ours).flatMap(([key, mine]): Clash[] => {
    const known = Object.hasOwn(theirs, key) ? theirs[key] : undefined;
    const name = `${prefix}${key}`;
    if (isMap(known) && isMap(mine)) return clashes(other, mine, known, `${name}.`);
    return known === undefined || equalValues(known, mine) ? [] : [{ name, ours: mine, theirs: known, other }];
  });
}

/** The values behind used names, by the file that says each; `own` names are of no file. */
export function originsOf(used: ReadonlySet<string>, { values, layers }: Variables, own: ValueMap) {
  const origins: Record<string, Value> = emptyMap<Value>();
  for (const name of used) {
    const [first = ''] = name.split(/[.[]/);
    const value = Object.hasOwn(own, first) ? undefined : lookUp(values, name);
    if (value === undefined) continue;
    for (const [leaf, one] of leavesOf(value, name.replaceAll(/\[(\d+)\]/g, '.$1'))) {
      const layer = layers.findLast((each) => lookUp(each.values, leaf) !== undefined);
      if (layer !== undefined) origins[`${layer.file}:${leaf}`] = one;
    }
  }
  return origins;
}

async function readOne(
  path: string,
  at: number,
  read: ReadFile,
  decoder: Decoder,
  optional: boolean,
): Promise<ValueMap> {
  const bytes = await read(path);
  if (bytes === undefined) {
    if (!optional) decoder.problem(at, `There is no file "${path}".`);
    return {};
  }
  try {
    return parseParams(bytes, path);
  } catch (error) {
    if (!(error instanceof MlopsError) || error.kind !== 'invalid-file') throw error;
    decoder.problems.push(...error.problems);
    return {};
  }
}

function join(values: ValueMap, more: ValueMap): ValueMap {
  const joined: Record<string, Value> = Object.assign(emptyMap<Value>(), values);
  for (const [key, value] of Object.entries(more)) {
    const before = joined[key];
    joined[key] = isMap(before) && isMap(value) ? join(before, value) : value;
  }
  return joined;
}
