import { encodeValue, type Value } from '../../core/value.ts';

/** One stage of several that are written as one: what follows the `@` in its name, and what `${item}` and `${key}` are. */
export interface Variant {
  readonly key: string;
  readonly item: Value;
}

/** A value as a part of a stage's name: scalars as they are written, anything else by its place in the list. */
export function keyOf(value: Value, at: number): string {
  if (typeof value === 'object' && value !== null) return String(at);
  const text = typeof value === 'string' ? value : encodeValue(value);
  return text.replace(/[^\p{L}\p{N}\p{M}_.@+=-]/gu, '-') || String(at);
}
