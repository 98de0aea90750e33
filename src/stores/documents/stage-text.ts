import { isList, isMap, type Value, type ValueMap } from '../../core/value.ts';
import { readYaml } from './yaml.ts';
import { valueOf } from './yaml-node.ts';

// What fits beside its key; longer lists have a line for each item.
const WIDTH = 100;

/** A stage's fields as a person would write them: a line for each key, short lists in brackets, scripts as they are. */
export function stageText(fields: ValueMap, step = 2): string {
  const lines = Object.entries(fields).map(([key, value]) => `\n  ${key}:${textOf(value)}`);
  return lines.join('').replace(/^ {4}|^ {2}(?! )/gm, (indent) => ' '.repeat((indent.length / 2) * step));
}

/** By how much the stages of a file are indented. */
export function indentOf(text: string): number {
  return /^stages:[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n)*( +)\S/m.exec(text)?.[1]?.length ?? 2;
}

/** In quotes only where it would be read as something else. */
function lineText(text: string): string {
  return isReadAs(`key: ${text}`, { key: text }) ? text : JSON.stringify(text);
}

function textOf(value: Value): string {
  if (typeof value === 'string') return isScript(value) ? ` |-${linesOf(value)}` : ` ${lineText(value)}`;
  if (!isList(value)) return ` ${flowText(value)}`;
  const flow = flowText(value);
  if (flow.length <= WIDTH && !value.some((item) => typeof item === 'string' && item.includes('\n'))) return ` ${flow}`;
  return value.map((item) => `\n    - ${typeof item === 'string' ? lineText(item) : flowText(item)}`).join('');
}

/** Lines that can stand as they are; those with blanks in front or tabs cannot. */
function isScript(text: string): boolean {
  return /^[^\s]/.test(text) && /\n/.test(text) && /\S$/.test(text) && !/[\t\r]|[^\P{C}\n]/u.test(text);
}

function linesOf(script: string): string {
  return script.replace(/^/gm, '    ').replace(/^ +$/gm, '').replace(/^/, '\n');
}

function flowText(value: Value): string {
  if (isList(value)) return `[${value.map(flowText).join(', ')}]`;
  if (isMap(value)) {
    const fields = Object.entries(value).map(([key, item]) => `${flowWord(key)}: ${flowText(item)}`);
    return `{ ${fields.join(', ')} }`;
  }
  return typeof value === 'string' ? flowWord(value) : String(value);
}

function flowWord(text: string): string {
  return isReadAs(`[${text}, ${text}]`, [text, text]) && isReadAs(`{ ${text}: 1 }`, { [text]: 1n })
    ? text
    : JSON.stringify(text);
}

function isReadAs(yaml: string, wanted: Value): boolean {
  const { root, problems } = readYaml(yaml, '');
  return root !== null && problems.length === 0 && encode(valueOf(root)) === encode(wanted);
}

function encode(value: Value): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each));
}
