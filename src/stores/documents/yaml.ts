import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import type { Problem } from '../../core/errors.ts';
import type { Value } from '../../core/value.ts';
import { conflictIn, decodeText } from './text.ts';
import type { YamlField, YamlNode } from './yaml-node.ts';

/** A YAML text as read: its values with their places, and what is wrong with it. Null: it says nothing. */
export interface YamlReading {
  readonly root: YamlNode | null;
  readonly problems: readonly Problem[];
  /** The line and column of an offset, from 1. */
  readonly place: (at: number) => { line: number; column: number };
}

// An alias may stand for much, and aliases of aliases for far more than fits into memory.
const MOST_NODES = 1_000_000;
const DEEPEST = 200;

/** Reads YAML 1.2 with integers as `bigint`. A key that stands twice, an unknown tag and anything that is not UTF-8 are mistakes. */
export function readYaml(content: string | Uint8Array, file: string): YamlReading {
  const lines = new LineCounter();
  const place = (at: number) => {
    const { line, col } = lines.linePos(at);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const { text, problem } = decodeText(content, file);
  if (problem !== null) return { root: null, problems: [problem], place: () => ({ line: 1, column: 1 }) };

  const document = parseDocument(text, {
    intAsBigInt: true,
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: false,
    uniqueKeys: true,
  });
  const told = new Map<string, Problem>();
  for (const { pos, message, code } of [...document.errors, ...document.warnings]) {
    const problem = { file, ...place(pos[0]), message: explain(code, message) };
    told.set(`${problem.line}:${problem.column} ${problem.message}`, problem);
  }
  const problems = [...told.values()];
  const conflict = document.errors.length > 0 ? conflictIn(text) : undefined;
  if (conflict !== undefined) {
    const message = 'Git left the marks of a merge conflict here.';
    return { root: null, problems: [{ file, ...place(conflict), message }], place };
  }
  const broken = document.errors.some(({ code }) => code !== 'DUPLICATE_KEY');
  if (broken || document.contents === null) return { root: null, problems, place };
  try {
    return { root: new Converter().convert(document.contents, 0), problems, place };
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
    return { root: null, problems: [...problems, { file, ...place(error.at), message: error.message }], place };
  }
}

class NodeError extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

class Converter {
  /** What each anchor stands for, and how many nodes that is. */
  readonly #anchors = new Map<string, { node: YamlNode; size: number }>();
  #nodes = 0;

  convert(node: unknown, depth: number, from?: number): YamlNode {
    const at = from ?? startOf(node);
    const before = this.#nodes;
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target === undefined) throw new NodeError(at, `No value above has the anchor "${node.source}".`);
      this.#count(target.size, at);
      return { ...target.node, at };
    }
    this.#count(1, at);
    if (depth > DEEPEST) throw new NodeError(at, 'This is nested too deeply.');
    const converted = this.#convert(node, at, depth);
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, { node: converted, size: this.#nodes - before });
    return converted;
  }

  #convert(node: unknown, at: number, depth: number): YamlNode {
    if (isMap(node)) return { type: 'map', at, fields: this.#fields(node.items, depth) };
    if (isSeq(node)) return { type: 'list', at, items: node.items.map((item) => this.convert(item, depth + 1)) };
    return { type: 'scalar', at, value: isScalar(node) ? toScalar(node.value) : null };
  }

  #count(nodes: number, at: number): void {
    this.#nodes += nodes;
    if (this.#nodes > MOST_NODES) throw new NodeError(at, 'The aliases in this file stand for too much.');
  }

  #fields(pairs: readonly Pair[], depth: number): YamlField[] {
    const fields: YamlField[] = [];
    const merged: YamlField[] = [];
    for (const { key, value } of pairs) {
      const at = startOf(key);
      const name = keyText(key);
      if (name === null) throw new NodeError(at, 'A key has to be a text.');
      const node = this.convert(value, depth + 1, value === null ? at : undefined);
      if (name === '<<' && isScalar(key) && key.type === 'PLAIN') merged.push(...mergedFields(node));
      else fields.push({ key: name, at, value: node });
    }
    const names = new Set(fields.map(({ key }) => key));
    for (const field of merged) {
      if (!names.has(field.key)) fields.push(field);
      names.add(field.key);
    }
    return fields;
  }
}

/** What `<<: *base` brings in: the fields of a mapping, or of several, the first one winning. */
function mergedFields(node: YamlNode): readonly YamlField[] {
  if (node.type === 'map') return node.fields;
  if (node.type === 'list') return node.items.flatMap(mergedFields);
  throw new NodeError(node.at, 'Only a mapping can be merged with "<<".');
}

function keyText(key: unknown): string | null {
  if (!isScalar(key)) return null;
  if (typeof key.value === 'string') return key.value;
  return key.source ?? (key.value === null ? null : String(key.value));
}

function toScalar(value: unknown): Value {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  return value === null || value === undefined ? null : String(value);
}

function startOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}

function explain(code: string, message: string): string {
  if (message.startsWith('Flow ')) return 'A bracket or brace that is opened before this is not closed.';
  const known: Record<string, string> = {
    DUPLICATE_KEY: 'This key stands here for the second time.',
    TAB_AS_INDENT: 'There is a tab here; YAML is indented with spaces.',
    MULTIPLE_DOCS: 'A second document begins here; a file holds one.',
    BAD_INDENT: 'This line is indented differently from those it belongs to.',
  };
  if (message.startsWith('Missing closing')) return 'The closing quote is missing.';
  const plain = message.replace(/\s+/g, ' ').trim();
  return known[code] ?? `${plain}${/[.!?]$/.test(plain) ? '' : '.'}`;
}
