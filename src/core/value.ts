/**
 * A value of a params file, of a stage's settings or of `vars`, with its type kept: integers of any length are `bigint`,
 * floating-point numbers are `number`, so `1`, `1.0` and `"1"` are three different values.
 */
export type Value = null | boolean | bigint | number | string | readonly Value[] | ValueMap;

/** A mapping of names to values, in the order of the file. */
export interface ValueMap {
  readonly [name: string]: Value;
}

/** What JSON can say: what `--json` prints. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Whether a value is a mapping, not a list and not a scalar. */
export function isMap(value: Value | undefined): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a list. */
export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** Equal in type and value: `1` is neither `1.0` nor `"1"`; floats compare by value (`NaN` equals itself); order of keys is no difference. */
export function equalValues(a: Value | undefined, b: Value | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return encodeValue(a) === encodeValue(b);
}

/**
 * The one text of a value, used in fingerprints and in the lockfile: JSON with keys sorted by code point, integers as
 * plain digits, and floats always with a point or an exponent (`1.0`, `1e+21`, `.nan`, `.inf`, `-.inf`).
 */
export function encodeValue(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return encodeFloat(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(encodeValue).join(', ')}]`;
  const fields = sortedKeys(value).map((key) => `${JSON.stringify(key)}: ${encodeValue(value[key] ?? null)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

/** The same value for `--json` and for code that wants plain numbers: integers beyond 2^53 become strings of digits, non-finite floats `null`. */
export function toJson(value: Value): Json {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map(toJson);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]));
}

/** A plain JSON value with its numbers typed: whole numbers become integers. */
export function fromJson(json: Json): Value {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : json;
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map(fromJson);
  return Object.fromEntries(Object.entries(json).map(([key, item]) => [key, fromJson(item)]));
}

/** Every value below a mapping that is no mapping or list itself, by its dotted name. Empty ones count as values. */
export function leavesOf(value: Value, prefix = ''): [name: string, value: Value][] {
  const entries: [string, Value][] = isMap(value)
    ? Object.entries(value)
    : isList(value)
      ? [...value.entries()].map(([at, item]) => [String(at), item])
      : [];
  if (entries.length === 0) return prefix === '' ? [] : [[prefix, value]];
  return entries.flatMap(([key, item]) => leavesOf(item, prefix === '' ? key : `${prefix}.${key}`));
}

/** Keys in the order of their code points, the same on every machine and locale. */
export function sortedKeys(map: object): string[] {
  return Object.keys(map).sort(compareCodePoints);
}

/** Compares by Unicode code point; plain `<` compares UTF-16 units, which differs above U+FFFF. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // A surrogate stands for a code point above every other unit.
    const xHigh = x >= 0xd800 && x <= 0xdfff;
    const yHigh = y >= 0xd800 && y <= 0xdfff;
    return xHigh === yHigh ? x - y : xHigh ? 1 : -1;
  }
  return a.length - b.length;
}

function encodeFloat(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
