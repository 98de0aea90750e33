import { MlopsError } from '../../core/errors.ts';
import { compareCodePoints } from '../../core/value.ts';
import { type Column, placeOf, type Table, textAt } from './csv/table.ts';

// A target with more different values than this is a quantity, not a class.
const MOST_CLASSES = 200;

/** Rows that have a label: their numbers, in order. Those without are left out of training and of every measure. */
export function labelledRows(target: Column, table: Table): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < table.rows; row++) {
    if (textAt(target, row) !== null) rows.push(row);
  }
  if (rows.length > 0) return Uint32Array.from(rows);
  throw new MlopsError('invalid-data', `${table.file}: the target "${target.name}" has no value in any row.`);
}

/** The classes of these rows: numbers by size, else texts by code point. */
export function classesOf(target: Column, rows: Uint32Array, table: Table): readonly string[] {
  const found = new Set<string>();
  for (const row of rows) {
    const text = textAt(target, row);
    if (text !== null) found.add(text);
  }
  const classes = [...found];
  const areNumbers = classes.every((text) => text.trim() !== '' && Number.isFinite(Number(text)));
  classes.sort(areNumbers ? (a, b) => Number(a) - Number(b) : compareCodePoints);
  checkClasses(classes, target.name, table.file);
  return classes;
}

/** The class of each row, as its place in the list. A label that is not in the list is an error at its place. */
export function labelsOf(
  target: Column,
  rows: Uint32Array,
  { classes, table }: { classes: readonly string[]; table: Table },
): Int32Array {
  const places = new Map(classes.map((text, at) => [text, at]));
  return Int32Array.from(rows, (row) => {
    const text = textAt(target, row) ?? '';
    const place = places.get(text);
    if (place !== undefined) return place;
    throw new MlopsError(
      'invalid-data',
      `${placeOf(table, row)}, column "${target.name}": the label "${text}" does not occur in the training rows.`,
      {
        hint: `The model knows ${classes.slice(0, 10).join(', ')}. Split with type: stratified, or train with this label.`,
      },
    );
  });
}

function checkClasses(classes: readonly string[], target: string, file: string): void {
  const [only] = classes;
  if (classes.length === 1) {
    throw new MlopsError('invalid-data', `${file}: all rows have the same "${target}": ${only}.`, {
      hint: 'There is nothing to tell apart. Check the target and the split.',
    });
  }
  if (classes.length <= MOST_CLASSES) return;
  throw new MlopsError('invalid-data', `${file}: the target "${target}" has ${classes.length} different values.`, {
    hint: `Classes are at most ${MOST_CLASSES}; a quantity cannot be predicted yet.`,
  });
}
