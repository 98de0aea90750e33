import { compareCodePoints, equalValues, fromJson, type Json, toJson, type Value } from '../../core/value.ts';

/** The values of one file by dotted name. */
export interface FileValues {
  readonly file: string;
  readonly values: Readonly<Record<string, Value>>;
}

/** How one value moved; null where it is not there. `delta` is there for two finite numbers. */
export interface ValueChange {
  readonly file: string;
  readonly name: string;
  readonly before: Json;
  readonly after: Json;
  readonly delta: number | null;
}

/** What differs between the files of two revisions, or, with `all`, everything, by file and name. Pure. */
export function compareValues(
  before: readonly FileValues[],
  after: readonly FileValues[],
  all: boolean,
): ValueChange[] {
  const [old, now] = [byFile(before), byFile(after)];
  const files = [...new Set([...old.keys(), ...now.keys()])].toSorted(compareCodePoints);
  return files.flatMap((file) => {
    const [left, right] = [old.get(file) ?? {}, now.get(file) ?? {}];
    const names = new Set([...Object.keys(right), ...Object.keys(left)]);
    return [...names].flatMap((name): ValueChange[] => {
      const [a, b] = [own(left, name), own(right, name)];
      if (!all && equalValues(a, b)) return [];
      const change = { file, name, before: toJson(a ?? null), after: toJson(b ?? null), delta: deltaOf(a, b) };
      typed.set(change, [a, b]);
      return [change];
    });
  });
}

/** The two sides with their types, which JSON cannot tell apart: `1` and `1.0`, null and nothing. */
export function sidesOf(change: ValueChange): readonly [before: Value | undefined, after: Value | undefined] {
  return typed.get(change) ?? [fromJson(change.before), fromJson(change.after)];
}

const typed = new WeakMap<ValueChange, readonly [Value | undefined, Value | undefined]>();

function byFile(files: readonly FileValues[]): Map<string, Readonly<Record<string, Value>>> {
  return new Map(files.map(({ file, values }) => [file, values]));
}

function own(values: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function deltaOf(a: Value | undefined, b: Value | undefined): number | null {
  if (!isNumber(a) || !isNumber(b)) return null;
  const delta = typeof a === 'bigint' && typeof b === 'bigint' ? Number(b - a) : Number(b) - Number(a);
  return Number.isFinite(delta) ? delta : null;
}

function isNumber(value: Value | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}
