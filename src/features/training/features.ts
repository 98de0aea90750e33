import { MlopsError } from '../../core/errors.ts';
import { compareCodePoints } from '../../core/value.ts';
import { type CategoryColumn, type Column, type NumberColumn, placeOf, type Table, textAt } from './csv/table.ts';

/** How one column becomes numbers. Everything in it was learned from the training rows alone. */
export type FittedColumn =
  | {
      readonly name: string;
      readonly type: 'number';
      /** What a missing value becomes: the median. */
      readonly fill: number;
      readonly mean: number;
      readonly deviation: number;
    }
  /** One place for each value, and a last one for missing and unknown ones. */
  | { readonly name: string; readonly type: 'category'; readonly values: readonly string[] };

/** How rows become what the model sees. */
export type Preprocess =
  | { readonly type: 'table'; readonly columns: readonly FittedColumn[] }
  | {
      readonly type: 'image';
      readonly shape: readonly [number, number, number];
      readonly columns: readonly string[];
      readonly scale: number;
    };

// A text column with more different values is an identifier or prose.
const MOST_VALUES = 1000;

/** Learns from the training rows how a column becomes numbers. */
export function fitColumn(
  column: Column,
  rows: Uint32Array,
  options: { scale: 'zscore' | 'none'; file: string },
): FittedColumn {
  return column.type === 'number' ? fitNumber(column, rows, options) : fitCategory(column, rows, options.file);
}

/** The shape of one row as the model sees it. */
export function inputShape(preprocess: Preprocess): readonly number[] {
  if (preprocess.type === 'image') return preprocess.shape;
  return [preprocess.columns.reduce((sum, column) => sum + widthOf(column), 0)];
}

/** Turns rows into what the model sees, one after another. */
export function encodeRows(preprocess: Preprocess, table: Table, rows: Uint32Array): Float32Array {
  const width = inputShape(preprocess).reduce((size, side) => size * side, 1);
  const output = new Float32Array(rows.length * width);
  if (preprocess.type === 'image') {
    preprocess.columns.forEach((name, at) => {
      const column = findColumn(table, name);
      const { scale } = preprocess;
      rows.forEach((row, place) => (output[place * width + at] = pixel(column, table, row) / scale));
    });
    return output;
  }
  let offset = 0;
  for (const fitted of preprocess.columns) {
    const column = findColumn(table, fitted.name);
    const start = offset;
    if (fitted.type === 'number') {
      const { fill, mean, deviation } = fitted;
      rows.forEach((row, place) => {
        const value = numberAt(column, row);
        output[place * width + start] = ((Number.isNaN(value) ? fill : value) - mean) / deviation;
      });
    } else {
      const places = new Map(fitted.values.map((text, at) => [text, at]));
      const unknown = fitted.values.length;
      rows.forEach((row, place) => {
        output[place * width + start + (places.get(textAt(column, row) ?? '') ?? unknown)] = 1;
      });
    }
    offset += widthOf(fitted);
  }
  return output;
}

function widthOf(column: FittedColumn): number {
  return column.type === 'number' ? 1 : column.values.length + 1;
}

function fitNumber(
  column: NumberColumn,
  rows: Uint32Array,
  { scale, file }: { scale: 'zscore' | 'none'; file: string },
): FittedColumn {
  const values = Float64Array.from(rows, (row) => column.values[row] ?? NaN).filter((value) => !Number.isNaN(value));
  if (values.length === 0) throw allMissing(column.name, file);
  const sorted = values.slice().sort();
  const middle = values.length / 2;
  const fill = ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
  if (scale === 'none') return { name: column.name, type: 'number', fill, mean: 0, deviation: 1 };
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  // A column that never changes tells nothing: it becomes zeros.
  return { name: column.name, type: 'number', fill, mean, deviation: Math.sqrt(variance) || 1 };
}

function fitCategory(column: CategoryColumn, rows: Uint32Array, file: string): FittedColumn {
  const found = new Set<string>();
  for (const row of rows) {
    const text = textAt(column, row);
    if (text !== null) found.add(text);
  }
  if (found.size === 0) throw allMissing(column.name, file);
  if (found.size > MOST_VALUES) {
    throw new MlopsError('invalid-data', `${file}: the column "${column.name}" has ${found.size} different texts.`, {
      hint: 'It looks like an identifier. Name the columns to learn from: features: [a, b, …]',
    });
  }
  return { name: column.name, type: 'category', values: [...found].sort(compareCodePoints) };
}

function allMissing(column: string, file: string): MlopsError {
  return new MlopsError('invalid-data', `${file}: the column "${column}" has no value in any training row.`, {
    hint: 'Leave it out: name the columns to learn from: features: [a, b, …]',
  });
}

function findColumn(table: Table, name: string): Column {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new Error(`The column ${name} was not read.`);
  return column;
}

function numberAt(column: Column, row: number): number {
  return column.type === 'number' ? (column.values[row] ?? NaN) : NaN;
}

function pixel(column: Column, table: Table, row: number): number {
  const value = numberAt(column, row);
  if (!Number.isNaN(value)) return value;
  throw new MlopsError('invalid-data', `${placeOf(table, row)}, column "${column.name}": a pixel is missing.`);
}
