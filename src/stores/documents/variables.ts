import { MlopsError } from '../../core/errors.ts';
import { isMap, type Value, type ValueMap } from '../../core/value.ts';
import type { Decoder } from './decode.ts';
import { emptyMap } from './flow.ts';
import { parseParams } from './params-file.ts';
import { toProjectPath } from './project-path.ts';
import { mapOf, type YamlNode } from './yaml-node.ts';

/** Reads another file of the same revision; undefined when it is not there. */
export type ReadFile = (path: string) => Promise<Uint8Array | undefined>;

/** What `${…}` may stand for: the values of `params.yaml`, and of `vars` in their order, mappings joined key by key. */
export async function readValues(root: YamlNode | null, read: ReadFile, decoder: Decoder): Promise<ValueMap> {
  let values = await readOne('params.yaml', 0, read, decoder, true);
  const vars = root?.type === 'map' ? root.fields.find(({ key }) => key === 'vars') : undefined;
  for (const node of vars === undefined ? [] : decoder.list(vars, 'a list')) {
    if (node.type === 'map') values = join(values, mapOf(node));
    else {
      const text = decoder.textOf(node, 'Each item of "vars"');
      const found = text === undefined ? undefined : toProjectPath('.', text);
      if (found !== undefined && 'problem' in found) decoder.problem(node.at, found.problem);
      if (found !== undefined && 'path' in found) {
        values = join(values, await readOne(found.path, node.at, read, decoder, false));
      }
    }
  }
  return values;
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
