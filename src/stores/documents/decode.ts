import type { Problem } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import { encodeValue, type ValueMap } from '../../core/value.ts';
import { mapOf, valueOf, type YamlField, type YamlMap, type YamlNode } from './yaml-node.ts';

/** A value to decode, and how messages call it. */
export type Named = YamlField;

/**
 * Turns nodes into typed values. Mistakes are collected with their places, never thrown, so that a person sees all of them at
 * once; what is wrong comes out as `undefined`.
 */
export class Decoder {
  readonly problems: Problem[] = [];
  readonly file: string;
  /** Where the paths in the file start from, relative to the root. */
  readonly folder: string;
  readonly place: (at: number) => { line: number; column: number };

  constructor(file: string, place: (at: number) => { line: number; column: number }, folder = '.') {
    this.file = file;
    this.place = place;
    this.folder = folder;
  }

  problem(at: number, message: string): undefined {
    const { line, column } = this.place(at);
    const again = this.problems.some(
      (known) => known.line === line && known.column === column && known.message === message,
    );
    if (!again) this.problems.push({ file: this.file, line, column, message });
    return undefined;
  }

  /** Whether something is wrong at just this place. */
  isWrongAt(at: number): boolean {
    const { line, column } = this.place(at);
    return this.problems.some((known) => known.line === line && known.column === column);
  }

  /** The fields of a mapping by key; keys that nobody knows are told with the nearest one. Null counts as empty. */
  fields(
    node: YamlNode,
    what: string,
    known: readonly string[],
    later: readonly string[] = [],
  ): Map<string, YamlField> {
    const map = this.map(node, what);
    const fields = new Map<string, YamlField>();
    for (const field of map?.fields ?? []) {
      if (known.includes(field.key)) fields.set(field.key, field);
      else if (later.includes(field.key)) {
        this.problem(field.at, `This version of mlops does not have "${field.key}" yet.`);
      } else {
        this.problem(field.at, `There is no key "${field.key}" in ${what}${didYouMean(field.key, known)}`);
      }
    }
    return fields;
  }

  map(node: YamlNode, what: string): YamlMap | undefined {
    if (node.type === 'map') return node;
    if (node.type === 'scalar' && node.value === null) return { type: 'map', at: node.at, fields: [] };
    return this.#wrong(node, what, 'a mapping');
  }

  /** The items of a list; a single text stands for a list of one, which is what `wanted` says to whoever wrote neither. */
  list({ key, value }: Named, wanted = 'a text or a list'): readonly YamlNode[] {
    if (value.type === 'list') return value.items;
    if (value.type === 'scalar' && value.value === null) return [];
    if (value.type === 'scalar' && typeof value.value === 'string') return [value];
    this.#wrong(value, `"${key}"`, wanted);
    return [];
  }

  /** The items of what has to be a list, be it of one. */
  items({ key, value }: Named): readonly YamlNode[] {
    if (value.type === 'list') return value.items;
    if (value.type === 'scalar' && value.value === null) return [];
    this.#wrong(value, `"${key}"`, 'a list');
    return [];
  }

  texts(field: Named | undefined): string[] {
    if (field === undefined) return [];
    return this.list(field).flatMap((node) => this.textOf(node, `Each item of "${field.key}"`) ?? []);
  }

  text(field: Named | undefined): string | undefined {
    return field && this.textOf(field.value, `"${field.key}"`);
  }

  textOf(node: YamlNode, what: string): string | undefined {
    if (node.type === 'scalar' && typeof node.value === 'string' && node.value !== '') return node.value;
    return this.#wrong(node, what, 'a text');
  }

  flag(field: Named | undefined): boolean | undefined {
    if (field === undefined) return undefined;
    const { value } = field;
    if (value.type === 'scalar' && typeof value.value === 'boolean') return value.value;
    return this.#wrong(value, `"${field.key}"`, 'true or false');
  }

  count(field: Named | undefined): number | undefined {
    if (field === undefined) return undefined;
    const { value } = field;
    if (value.type === 'scalar' && typeof value.value === 'bigint' && value.value >= 1n && value.value < 1_000_000n) {
      return Number(value.value);
    }
    return this.#wrong(value, `"${field.key}"`, 'a whole number from 1 up');
  }

  number(field: Named | undefined): number | undefined {
    if (field === undefined) return undefined;
    const { value } = field;
    if (value.type === 'scalar' && (typeof value.value === 'bigint' || typeof value.value === 'number')) {
      const number = Number(value.value);
      if (Number.isFinite(number)) return number;
    }
    return this.#wrong(value, `"${field.key}"`, 'a number');
  }

  choice<Word extends string>(field: Named | undefined, words: readonly Word[]): Word | undefined {
    if (field === undefined) return undefined;
    const text = this.text(field);
    const found = words.find((word) => word === text);
    if (found !== undefined || text === undefined) return found;
    const among = words.join(', ');
    return this.problem(
      field.value.at,
      `"${field.key}" cannot be "${text}", only one of ${among}${didYouMean(text, words)}`,
    );
  }

  /** A mapping whose keys are the user's own. */
  values(field: Named | undefined): ValueMap | undefined {
    const map = field && this.map(field.value, `"${field.key}"`);
    return map && mapOf(map);
  }

  #wrong<T>(node: YamlNode, what: string, wanted: string): T | undefined {
    const shown = node.type === 'scalar' ? encodeValue(valueOf(node)) : `a ${node.type === 'map' ? 'mapping' : 'list'}`;
    const quoting = wanted === 'a text' && node.type === 'scalar' && node.value !== null && node.value !== '';
    return this.problem(node.at, `${what} has to be ${wanted}, not ${shown}${quoting ? '; put it in quotes' : ''}.`);
  }
}
