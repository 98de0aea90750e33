import { posix } from 'node:path';
import { isCollection, isMap as isYamlMap, isScalar, type Node, parseDocument } from 'yaml';
import { MlopsError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import { encodeValue, equalValues, type Value } from '../../core/value.ts';
import { lookUp, namesIn } from './interpolate.ts';
import { parseParams } from './params-file.ts';

/**
 * The text of a params file with one value changed and every other character as it was, comments included. The new value is
 * read as YAML, so `0.01` is a number and `relu` a text. Fails with `usage` on a name that the file does not have.
 */
export function setParam(text: string, file: string, name: string, value: string): string {
  const values = parseParams(text, file);
  if (lookUp(values, name) === undefined) {
    throw new MlopsError('usage', `There is no param "${name}" in ${file}${didYouMean(name, namesIn(values))}`, {
      hint: `Add it to ${file} first.`,
    });
  }
  const wanted = parseValue(value, name);
  const shown = posix.extname(file).toLowerCase() === '.json' ? asJson(value, wanted) : asYaml(value);
  const node = posix.extname(file).toLowerCase() === '.toml' ? undefined : findNode(text, name);
  const changed = node?.range ? text.slice(0, node.range[0]) + shown + text.slice(node.range[1]) : null;
  if (changed !== null && reads(changed, file, name, wanted)) return changed;
  throw new MlopsError('usage', `The param "${name}" in ${file} cannot be changed from the command line.`, {
    hint: `Change it in ${file} itself.`,
  });
}

/** Only what stands in one line can be exchanged in place. */
function findNode(text: string, name: string): Node | undefined {
  let node: unknown = parseDocument(text, { intAsBigInt: true }).contents;
  for (const key of name.replaceAll(/\[(\d+)\]/g, '.$1').split('.')) {
    node = isCollection(node) ? node.get(isYamlMap(node) ? key : Number(key), true) : undefined;
  }
  if (isScalar(node)) return node.type?.startsWith('BLOCK') === true ? undefined : node;
  return isCollection(node) && node.flow === true ? node : undefined;
}

function parseValue(text: string, name: string): Value {
  if (text.includes('\n')) throw new MlopsError('usage', `The value of "${name}" has more than one line.`);
  return parseParams(`value: ${text === '' ? '""' : text}`, `-S ${name}`)['value'] ?? null;
}

function asYaml(text: string): string {
  return text === '' ? '""' : text;
}

function asJson(text: string, value: Value): string {
  return typeof value === 'string' ? JSON.stringify(value) : text.startsWith('.') ? text : encodeValue(value);
}

function reads(text: string, file: string, name: string, wanted: Value): boolean {
  try {
    return equalValues(lookUp(parseParams(text, file), name), wanted);
  } catch (error) {
    if (error instanceof MlopsError) return false;
    throw error;
  }
}
