import { posix } from 'node:path';
import { parse as parseToml, TomlError } from 'smol-toml';
import { invalidFile } from '../../core/errors.ts';
import { isMap, type Value, type ValueMap } from '../../core/value.ts';
import { emptyMap } from './flow.ts';
import { decodeText } from './text.ts';
import { readYaml } from './yaml.ts';
import { mapOf, valueOf } from './yaml-node.ts';

/**
 * The values of a params file, read by the ending of its name: YAML, JSON or TOML. Integers of any length are `bigint`, floats
 * `number`. A key that stands twice is a mistake. Fails with every mistake and its place.
 */
export function parseParams(content: string | Uint8Array, file: string): ValueMap {
  if (posix.extname(file).toLowerCase() === '.toml') return parseTomlFile(content, file);
  // JSON is YAML, and so keeps its types and gets its places from the same reader.
  const { root, problems, place } = readYaml(content, file);
  if (problems.length > 0) throw invalidFile(problems);
  if (root === null || (root.type === 'scalar' && root.value === null)) return emptyMap<Value>();
  if (root.type === 'map') return mapOf(root);
  throw invalidFile([{ file, ...place(root.at), message: 'A file of params is a mapping of names to values.' }]);
}

/** Whatever a YAML or JSON text says, lists too. Fails with every mistake and its place. */
export function parseYamlValue(content: string | Uint8Array, file: string): Value {
  const { root, problems } = readYaml(content, file);
  if (problems.length > 0) throw invalidFile(problems);
  return root === null ? null : valueOf(root);
}

function parseTomlFile(content: string | Uint8Array, file: string): ValueMap {
  const { text, problem } = decodeText(content, file);
  if (problem !== null) throw invalidFile([problem]);
  try {
    const value = fromToml(parseToml(text, { integersAsBigInt: true }));
    return isMap(value) ? value : {};
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const message = error.message.replace(/\n[\s\S]*$/, '').replace(/^Invalid TOML document: /, '');
    throw invalidFile([{ file, line: error.line, column: error.column, message: `${message}.` }]);
  }
}

function fromToml(value: unknown): Value {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map(fromToml);
  if (value instanceof Date) return value.toISOString();
  const map = emptyMap<Value>();
  for (const [key, item] of Object.entries(value ?? {})) map[key] = fromToml(item);
  return map;
}
