import { MlopsError } from '../../../core/errors.ts';
import { isMissing, parseNumber } from './fields.ts';
import { scanFields } from './scan.ts';

/** A file that was read, and how its fields are set apart. */
export interface CsvSource {
  readonly bytes: Buffer;
  readonly delimiter: number;
  /** As the user names it. */
  readonly file: string;
  readonly header: readonly string[];
}

/** What a column turned out to hold. */
export interface ColumnSurvey {
  readonly name: string;
  readonly numbers: number;
  readonly texts: number;
}

/** Counts what each column holds and finds the line of each row. Fails at the first row with too few or too many fields. */
export function surveyCsv(source: CsvSource): { lines: Uint32Array; columns: readonly ColumnSurvey[] } {
  const { bytes, file, header } = source;
  const lines: number[] = [];
  const columns = header.map((name) => ({ name, numbers: 0, texts: 0 }));
  let isHeader = true;
  scanFields(bytes, source, {
    field(at, start, end) {
      const column = columns[at];
      if (isHeader || column === undefined || isMissing(bytes, start, end)) return;
      if (parseNumber(bytes, start, end) === undefined) column.texts++;
      else column.numbers++;
    },
    row(fields, line) {
      if (isHeader) isHeader = false;
      else if (fields === header.length) lines.push(line);
      else throw wrongFields(file, lines.length, { line, fields, columns: header.length });
    },
  });
  if (lines.length === 0) throw new MlopsError('invalid-data', `${file} has a header and no rows.`);
  return { lines: Uint32Array.from(lines), columns };
}

function wrongFields(
  file: string,
  row: number,
  { line, fields, columns }: { line: number; fields: number; columns: number },
): MlopsError {
  const much = fields < columns ? 'too few' : 'too many';
  return new MlopsError(
    'invalid-data',
    `${file}, row ${row + 1} (line ${line}) has ${much} fields: ${fields}, where the header has ${columns}.`,
    { hint: 'Correct the row; a field that holds the delimiter stands in double quotes.' },
  );
}
