import { resolve } from 'node:path';
import type { BuiltIn } from '../../core/built-in/index.ts';
import { MlopsError } from '../../core/errors.ts';
import { isMap, type ValueMap } from '../../core/value.ts';
import { parseParams } from '../../stores/documents/params-file.ts';
import { readTextFile } from '../../system/write-file.ts';

/** The settings in a file given with `--config`: as they stand under `train:` in a pipeline, with or without that key. */
export function readConfig(kind: BuiltIn, file: string, cwd: string): ValueMap {
  const text = readTextFile(resolve(cwd, file));
  if (text === undefined) throw new MlopsError('usage', `There is no file ${file}.`, { hint: `mlops ${kind} --help` });
  const config = parseParams(text, file);
  const inner = config[kind];
  return isMap(inner) ? inner : config;
}

/** The key that a text in place of a mapping stands for: `model: cnn` is `model: { type: cnn }`. */
const SHORT: Readonly<Record<string, string>> = { data: 'train', model: 'type', optimizer: 'type' };

/** One mapping laid over another, mappings inside too. */
export function overlay(below: ValueMap, above: ValueMap): ValueMap {
  const merged = Object.entries(above).map(([key, value]) => {
    const under = below[key];
    const short = SHORT[key];
    if (!isMap(value)) return [key, value];
    if (isMap(under)) return [key, overlay(under, value)];
    return [key, typeof under === 'string' && short !== undefined ? overlay({ [short]: under }, value) : value];
  });
  return { ...below, ...(Object.fromEntries(merged) as ValueMap) };
}
