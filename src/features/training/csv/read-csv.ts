import { MlopsError } from '../../../core/errors.ts';
import { didYouMean } from '../../../core/nearest.ts';
import { isMissing, parseNumber } from './fields.ts';
import { openCsv } from './open-csv.ts';
import { scanFields } from './scan.ts';
import { type ColumnSurvey, type CsvSource, surveyCsv } from './survey.ts';
import { type Column, placeOf, type Table } from './table.ts';

/** What a column has to be; `auto` looks at its values: numbers, if at least half of them are. */
export type ColumnType = 'auto' | 'number' | 'category';

/** What to read. */
export interface CsvRequest {
  /** On disk. */
  readonly path: string;
  /** As the user names it. */
  readonly file: string;
  /** Given the header, the columns that are wanted. */
  readonly choose: (header: readonly string[]) => ReadonlyMap<string, ColumnType>;
}

/** Reads columns of a delimited file whose first row names them. Every complaint names its place. */
export function readCsv({ path, file, choose }: CsvRequest): Table {
  const source = openCsv(path, file);
  const wanted = choose(source.header);
  for (const name of wanted.keys()) {
    if (!source.header.includes(name)) throw noColumn(name, source);
  }
  const { lines, columns } = surveyCsv(source);
  const blank: Table = { file, rows: lines.length, lines, columns: [] };
  const builders = columns.map((survey) => {
    const type = wanted.get(survey.name);
    return type === undefined ? null : makeBuilder(survey, type, blank);
  });

  // The header is row -1.
  let row = -1;
  scanFields(source.bytes, source, {
    field(at, start, end, quoted) {
      if (row >= 0) builders[at]?.put(row, source.bytes, { start, end, quoted });
    },
    row() {
      row++;
    },
  });
  return { ...blank, columns: builders.flatMap((builder) => (builder === null ? [] : [builder.column])) };
}

/** The failure of a column that a file does not have. */
export function noColumn(name: string, { file, header }: Pick<CsvSource, 'file' | 'header'>): MlopsError {
  return new MlopsError('invalid-data', `${file} has no column "${name}"${didYouMean(name, header)}`, {
    hint: `Its columns are ${header.slice(0, 12).join(', ')}${header.length > 12 ? ' …' : ''}.`,
  });
}

interface Builder {
  readonly column: Column;
  put(row: number, bytes: Buffer, field: { start: number; end: number; quoted: boolean }): void;
}

function makeBuilder(survey: ColumnSurvey, type: ColumnType, table: Table): Builder {
  const { name, numbers, texts } = survey;
  const isNumber = type === 'number' || (type === 'auto' && numbers > 0 && numbers >= texts);
  return isNumber ? numberBuilder(name, table) : categoryBuilder(name, table);
}

function numberBuilder(name: string, table: Table): Builder {
  const values = new Float64Array(table.rows);
  return {
    column: { type: 'number', name, values },
    put(row, bytes, { start, end }) {
      const value = isMissing(bytes, start, end) ? NaN : parseNumber(bytes, start, end);
      if (value !== undefined) values[row] = value;
      else throw notANumber(bytes.toString('utf8', start, end), name, placeOf(table, row));
    },
  };
}

function categoryBuilder(name: string, table: Table): Builder {
  const codes = new Int32Array(table.rows);
  const texts: string[] = [];
  const codeOf = new Map<string, number>();
  return {
    column: { type: 'category', name, codes, texts },
    put(row, bytes, { start, end, quoted }) {
      if (isMissing(bytes, start, end)) {
        codes[row] = -1;
        return;
      }
      const raw = bytes.toString('utf8', start, end);
      const text = quoted ? raw.replaceAll('""', '"') : raw;
      let code = codeOf.get(text);
      if (code === undefined) {
        code = texts.push(text) - 1;
        codeOf.set(text, code);
      }
      codes[row] = code;
    },
  };
}

function notANumber(text: string, column: string, place: string): MlopsError {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return new MlopsError('invalid-data', `${place}, column "${column}": "${shown}" is not a number.`, {
    hint: `Correct the value or leave it empty. If the column holds names: features: [{ name: ${column}, type: category }]`,
  });
}
