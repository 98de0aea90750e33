import type { Value } from '../../core/value.ts';

type Problem = (offset: number, message: string) => Error;

const STRING = /"(?:[^"\\\n]|\\[^\n])*"/y;
const WORD = /[A-Za-z_][A-Za-z0-9_./@-]*/y;
const NUMBER = /-?\.inf|\.nan|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/y;
const DEPTH = 200;

/** Reads one value as `encodeValue` writes it, with bare or quoted keys: integers become `bigint`, floats `number`. */
export function parseFlow(text: string, problem: Problem): Value {
  let at = 0;

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  }

  function expect(words: string): void {
    if (!text.startsWith(words, at)) throw problem(at, `"${words.trim()}" is missing here`);
    at += words.length;
  }

  function readValue(depth: number): Value {
    if (depth > DEPTH) throw problem(at, 'this is nested too deeply');
    const start = text[at];
    if (start === '{') return readMap(depth);
    if (start === '[') return readList(depth);
    if (start === '"') return readString();
    const from = at;
    const number = take(NUMBER);
    if (number !== undefined) return toNumber(number);
    const word = take(WORD);
    if (word === 'null') return null;
    if (word === 'true' || word === 'false') return word === 'true';
    throw problem(from, at >= text.length ? 'a value is missing here' : 'this is not a value');
  }

  function readMap(depth: number): Value {
    const map = emptyMap<Value>();
    if (text.startsWith('{}', at)) {
      at += 2;
      return map;
    }
    expect('{ ');
    for (;;) {
      const from = at;
      const key = text[at] === '"' ? readString() : take(WORD);
      if (key === undefined) throw problem(at, 'a key is missing here');
      if (Object.hasOwn(map, key)) throw problem(from, `"${key}" stands here for the second time`);
      expect(': ');
      map[key] = readValue(depth + 1);
      if (!text.startsWith(', ', at)) break;
      at += 2;
    }
    expect(' }');
    return map;
  }

  function readList(depth: number): Value {
    const list: Value[] = [];
    at++;
    if (text[at] !== ']') {
      list.push(readValue(depth + 1));
      while (text.startsWith(', ', at)) {
        at += 2;
        list.push(readValue(depth + 1));
      }
    }
    expect(']');
    return list;
  }

  function readString(): string {
    const from = at;
    const quoted = take(STRING);
    if (quoted === undefined) throw problem(from, 'the closing quote is missing');
    try {
      return String(JSON.parse(quoted));
    } catch {
      throw problem(from, 'this text holds something that JSON does not allow');
    }
  }

  const value = readValue(0);
  if (at < text.length) throw problem(at, 'there is something behind the value');
  return value;
}

/** A map without a prototype, so that a key such as `__proto__` or `constructor` is a key like any other. */
export function emptyMap<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

function toNumber(text: string): bigint | number {
  if (text === '.nan') return Number.NaN;
  if (text.endsWith('.inf')) return text.startsWith('-') ? -Infinity : Infinity;
  return /[.e]/.test(text) ? Number(text) : BigInt(text);
}
