/** A column of numbers; NaN where a value is missing. */
export interface NumberColumn {
  readonly type: 'number';
  readonly name: string;
  readonly values: Float64Array;
}

/** A column of texts as places in a list of its different texts; -1 where a value is missing. */
export interface CategoryColumn {
  readonly type: 'category';
  readonly name: string;
  readonly codes: Int32Array;
  readonly texts: readonly string[];
}

/** A column of a table. */
export type Column = NumberColumn | CategoryColumn;

/** What was read of a file. */
export interface Table {
  /** As named by the user, for messages. */
  readonly file: string;
  readonly rows: number;
  readonly columns: readonly Column[];
  /** The line that each row begins on. */
  readonly lines: Uint32Array;
}

/** Where a row is in its file, for messages: rows count from 1 below the header. */
export function placeOf({ file, lines }: Table, row: number): string {
  return `${file}, row ${row + 1} (line ${lines[row] ?? '?'})`;
}

/** The text of a value, as it would be a label; null when it is missing. */
export function textAt(column: Column, row: number): string | null {
  if (column.type === 'number') {
    const value = column.values[row] ?? NaN;
    return Number.isNaN(value) ? null : String(value);
  }
  return column.texts[column.codes[row] ?? -1] ?? null;
}
