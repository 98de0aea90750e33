import type { MlopsError } from '../../core/errors.ts';
import type { Value } from '../../core/value.ts';
import { parseFlow } from './flow.ts';

/** Makes the error for a mistake at an offset of the text. */
export type ProblemAt = (at: number, message: string) => MlopsError;

/** One `key: value` line, or a `key:` line with the lines indented below it. */
export class BlockEntry {
  readonly key: string;
  /** Offsets in the text, for messages: of the key, and of the value. */
  readonly at: number;
  readonly valueAt: number;
  /** The value as it is written; null when it is below. */
  readonly raw: string | null;
  readonly #below: Value | BlockMap;
  readonly #problem: ProblemAt;

  constructor(key: string, at: number, valueAt: number, written: string | Below, problem: ProblemAt) {
    this.key = key;
    this.at = at;
    this.valueAt = valueAt;
    this.raw = typeof written === 'string' ? written : null;
    this.#below = typeof written === 'string' ? null : written.below;
    this.#problem = problem;
  }

  /** Read when it is asked for: most lines are paths, whose one form is quicker to take apart as a whole. */
  get value(): Value | BlockMap {
    return this.raw === null ? this.#below : readValue(this.raw, this.valueAt, this.#problem);
  }
}

interface Below {
  readonly below: Value | BlockMap;
}

/** The lines of one level, by key. */
export class BlockMap {
  readonly entries: readonly BlockEntry[];

  constructor(entries: readonly BlockEntry[]) {
    this.entries = entries;
  }
}

const LINE = /( *)(?:([A-Za-z_][A-Za-z0-9_./@-]*)|("(?:[^"\\\n]|\\[^\n])*")):(?: ([^\n]+))?\n/y;
const ITEM = /( *)- ([^\n]+)\n/y;
const WORD = /^[A-Za-z_]/;

/**
 * Reads the small part of YAML that the lockfile is written in: keys indented by two spaces a level, and on a line of their
 * own a text, a list of texts, or a value in flow form. A key that stands twice, or anything else, is an error with its place.
 */
export function parseBlocks(text: string, problem: ProblemAt): BlockMap {
  let at = 0;

  function readMap(indent: number): BlockMap {
    const entries: BlockEntry[] = [];
    const seen = new Set<string>();
    while (at < text.length && indentAt(at) === indent) {
      const entry = readEntry(indent);
      if (seen.has(entry.key)) throw problem(entry.at, `"${entry.key}" stands here for the second time`);
      seen.add(entry.key);
      entries.push(entry);
    }
    return new BlockMap(entries);
  }

  function readEntry(indent: number): BlockEntry {
    LINE.lastIndex = at;
    const match = LINE.exec(text);
    if (match === null) throw problem(at + indent, explain(text, at));
    const [line, , bare, quoted, rest] = match;
    const key = bare ?? readQuoted(quoted ?? '', at + indent);
    const valueAt = at + line.length - 1 - (rest?.length ?? 0);
    const keyAt = at + indent;
    at += line.length;
    const written = rest ?? { below: readBelow(indent + 2, { key, at: keyAt }) };
    return new BlockEntry(key, keyAt, valueAt, written, problem);
  }

  function readBelow(indent: number, above: { key: string; at: number }): Value | BlockMap {
    if (at >= text.length || indentAt(at) !== indent) throw problem(above.at, `"${above.key}" has nothing below it`);
    return text[at + indent] === '-' ? readList(indent) : readMap(indent);
  }

  function readList(indent: number): Value {
    const items: Value[] = [];
    while (at < text.length && indentAt(at) === indent) {
      ITEM.lastIndex = at;
      const match = ITEM.exec(text);
      if (match === null) throw problem(at + indent, explain(text, at));
      items.push(readValue(match[2] ?? '', at + indent + 2, problem));
      at += match[0].length;
    }
    return items;
  }

  function readQuoted(quoted: string, from: number): string {
    const key = parseFlow(quoted, (offset, message) => problem(from + offset, message));
    return typeof key === 'string' ? key : '';
  }

  function indentAt(from: number): number {
    let end = from;
    while (text[end] === ' ') end++;
    return end - from;
  }

  const map = readMap(0);
  if (at < text.length) throw problem(at, explain(text, at));
  return map;
}

function readValue(rest: string, from: number, problem: ProblemAt): Value {
  if (WORD.test(rest) && rest !== 'true' && rest !== 'false' && rest !== 'null') return rest;
  return parseFlow(rest, (offset, message) => problem(from + offset, message));
}

function explain(text: string, at: number): string {
  const end = text.indexOf('\n', at);
  if (end < 0) return 'the file ends in the middle of a line';
  const line = text.slice(at, end);
  if (line.includes('\t')) return 'there is a tab here';
  if (line.trim() === '') return 'there is an empty line here';
  if (line.trimStart().startsWith('#')) return 'there is a comment here, and the lockfile holds none';
  return `"${line.trim().slice(0, 60)}" is not a line of a lockfile, or is indented wrongly`;
}
