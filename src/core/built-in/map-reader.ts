import { didYouMean } from '../nearest.ts';
import { encodeValue, isList, isMap, type Value, type ValueMap } from '../value.ts';

/** A mistake in the settings of a built-in stage, with the keys that lead to it from the stage's map (list places as digits). */
export interface BuiltInProblem {
  readonly keys: readonly string[];
  readonly message: string;
}

/** Reads one mapping key by key. Mistakes are collected, not thrown, so that a person sees all of them at once. */
export class MapReader {
  readonly #map: ValueMap;
  readonly #keys: readonly string[];
  readonly #problems: BuiltInProblem[];
  readonly #known: string[] = [];

  constructor(map: ValueMap, problems: BuiltInProblem[], keys: readonly string[] = []) {
    this.#map = map;
    this.#problems = problems;
    this.#keys = keys;
  }

  /** The value as written; undefined when the key is absent. Marks the key as known. */
  raw(key: string): Value | undefined {
    this.#known.push(key);
    return Object.hasOwn(this.#map, key) ? this.#map[key] : undefined;
  }

  problem(key: string, message: string): void {
    this.#problems.push({ keys: key === '' ? this.#keys : [...this.#keys, key], message });
  }

  /** A mistake that several keys make together, told of the one that leads there; a key that is not written stands for those around it. */
  problemAt(keys: readonly string[], message: string): void {
    this.#problems.push({ keys: [...this.#keys, ...keys], message });
  }

  has(key: string): boolean {
    return (this.raw(key) ?? null) !== null;
  }

  text(key: string, fallback?: string): string {
    const value = this.raw(key);
    if (value === undefined && fallback !== undefined) return fallback;
    if (typeof value === 'string' && value !== '') return value;
    return this.#wrong(key, value, 'a text', fallback ?? '');
  }

  /** One of the named words. */
  choice<Word extends string>(key: string, words: readonly Word[], fallback: Word): Word {
    const value = this.raw(key);
    if (value === undefined) return fallback;
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    if (typeof value !== 'string') return this.#wrong(key, value, `one of ${words.join(', ')}`, fallback);
    this.problem(key, `"${key}" cannot be "${value}"; it is one of ${words.join(', ')}.`);
    return fallback;
  }

  integer(key: string, limits: { fallback: bigint; min: bigint; max?: bigint }): bigint {
    const value = this.raw(key);
    if (value === undefined) return limits.fallback;
    const fits = typeof value === 'bigint' && value >= limits.min && value <= (limits.max ?? value);
    const wanted = `a whole number ${limits.max === undefined ? `from ${limits.min}` : `from ${limits.min} to ${limits.max}`}`;
    return fits ? value : this.#wrong(key, value, wanted, limits.fallback);
  }

  /** A number as a float, whether it was written with a point or not. */
  number(key: string, limits: { fallback: number; above?: number; min?: number; below?: number }): number {
    const value = this.raw(key);
    if (value === undefined) return limits.fallback;
    const number = typeof value === 'bigint' ? Number(value) : value;
    const wanted = ['a number'];
    if (limits.above !== undefined) wanted.push(`above ${limits.above}`);
    if (limits.min !== undefined) wanted.push(`from ${limits.min}`);
    if (limits.below !== undefined) wanted.push(`below ${limits.below}`);
    const fits =
      typeof number === 'number' &&
      Number.isFinite(number) &&
      number > (limits.above ?? -Infinity) &&
      number >= (limits.min ?? -Infinity) &&
      number < (limits.below ?? Infinity);
    return fits ? number : this.#wrong(key, value, wanted.join(' '), limits.fallback);
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.raw(key);
    if (value === undefined) return fallback;
    return typeof value === 'boolean' ? value : this.#wrong(key, value, 'true or false', fallback);
  }

  /** A list of whole numbers; one number stands for a list of one. */
  integers(key: string, limits: { fallback: readonly bigint[]; min: bigint }): readonly bigint[] {
    const value = this.raw(key);
    if (value === undefined) return limits.fallback;
    const list: readonly Value[] = isList(value) ? value : [value];
    if (list.every((item): item is bigint => typeof item === 'bigint' && item >= limits.min)) return list;
    return this.#wrong(key, value, `a list of whole numbers from ${limits.min}`, limits.fallback);
  }

  /** A list of texts without duplicates; null when the key is absent or null. */
  texts(key: string): readonly string[] | null {
    const value = this.raw(key);
    if (value === undefined || value === null) return null;
    const list: readonly Value[] = isList(value) ? value : [value];
    const texts = list.filter((item): item is string => typeof item === 'string' && item !== '');
    if (texts.length === list.length && new Set(texts).size === texts.length) return texts;
    return this.#wrong(key, value, 'a list of names, each once', null);
  }

  /** The mapping under a key; a text is short for the mapping with that text under `short`. Absent: empty. */
  map(key: string, short?: string): MapReader {
    const value = this.raw(key);
    const keys = [...this.#keys, key];
    if (isMap(value)) return new MapReader(value, this.#problems, keys);
    if (short !== undefined && typeof value === 'string')
      return new MapReader({ [short]: value }, this.#problems, keys);
    if (value !== undefined && value !== null) this.#wrong(key, value, 'a mapping', undefined);
    return new MapReader({}, this.#problems, keys);
  }

  /** A reader for each mapping of a list. */
  items(key: string, list: readonly Value[]): MapReader[] {
    return list.map((item, at) => {
      const keys = [...this.#keys, key, String(at)];
      if (isMap(item)) return new MapReader(item, this.#problems, keys);
      this.#problems.push({ keys, message: `${encodeValue(item)} has to be a mapping.` });
      return new MapReader({}, [], keys);
    });
  }

  /** Tells every key that nobody asked for, with the nearest one that exists. */
  end(): void {
    for (const key of Object.keys(this.#map)) {
      if (this.#known.includes(key)) continue;
      this.problem(key, `There is no key "${key}" here${didYouMean(key, this.#known)}`);
    }
  }

  #wrong<T>(key: string, value: Value | undefined, wanted: string, fallback: T): T {
    const message =
      value === undefined
        ? `"${key}" is missing: it has to be ${wanted}.`
        : `"${key}" has to be ${wanted}, not ${encodeValue(value)}.`;
    this.problem(key, message);
    return fallback;
  }
}
