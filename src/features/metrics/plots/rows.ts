import { posix } from 'node:path';
import { MlopsError } from '../../../core/errors.ts';
import { isList, isMap, toJson, type Value } from '../../../core/value.ts';
import { parseYamlValue } from '../../../stores/documents/params-file.ts';

/** One point of a plot: what its file says by column. */
export type Row = Readonly<Record<string, string | number | null>>;

/** Endings of files with points in them. */
export const ROW_FILES: ReadonlySet<string> = new Set(['.csv', '.tsv', '.json', '.yaml', '.yml']);

/** The rows of a table, or of the first list of mappings in a JSON or YAML file. Fails with `invalid-file` by name. */
export function readRows(bytes: Uint8Array, file: string): Row[] {
  const extension = posix.extname(file).toLowerCase();
  const text = Buffer.from(bytes)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  if (extension === '.csv' || extension === '.tsv') return readTable(text, extension === '.tsv' ? '\t' : ',', file);
  if (!ROW_FILES.has(extension)) {
    throw new MlopsError(
      'invalid-file',
      `${file} is no file with points: its name ends in none of ${[...ROW_FILES].join(', ')}.`,
    );
  }
  const list = firstList(parseYamlValue(bytes, file));
  if (list === undefined) throw new MlopsError('invalid-file', `${file} holds no list of points.`);
  return list.map(rowOf);
}

function rowOf(item: Value): Row {
  const json = toJson(item);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return { value: scalar(json) };
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, scalar(value)]));
}

function scalar(value: unknown): string | number | null {
  if (value === null || value === undefined || typeof value === 'number') return value ?? null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function firstList(value: Value | undefined): readonly Value[] | undefined {
  if (isList(value)) return value;
  if (!isMap(value)) return undefined;
  for (const below of Object.values(value)) {
    const found = firstList(below);
    if (found !== undefined) return found;
  }
  return undefined;
}

function readTable(text: string, separator: string, file: string): Row[] {
  const [header, ...records] = recordsIn(text, separator);
  if (header === undefined) return [];
  return records.map((cells, at) => {
    if (cells.length !== header.length) {
      throw new MlopsError(
        'invalid-file',
        `Row ${at + 2} of ${file} has ${cells.length} fields, and the header ${header.length}.`,
      );
    }
    return Object.fromEntries(header.map((name, column) => [name.trim(), cellOf(cells[column] ?? '')]));
  });
}

/** Records as RFC 4180 has them: quoted fields may hold separators, quotes and line breaks. Empty lines are none. */
function recordsIn(text: string, separator: string): string[][] {
  const field = separator === '\t' ? /"((?:[^"]|"")*)"|([^\t\r\n]*)/y : /"((?:[^"]|"")*)"|([^,\r\n]*)/y;
  const records: string[][] = [];
  let cells: string[] = [];
  for (let at = 0; at < text.length;) {
    field.lastIndex = at;
    const [whole = '', quoted, plain = ''] = field.exec(text) ?? [];
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    at += whole.length;
    if (text[at] === separator) {
      at += 1;
      if (at < text.length) continue;
      cells.push('');
    }
    while (at < text.length && text[at] !== '\n') at += 1;
    at += 1;
    if (cells.length > 1 || cells[0] !== '') records.push(cells);
    cells = [];
  }
  return records;
}

function cellOf(cell: string): string | number | null {
  const text = cell.trim();
  if (text === '') return null;
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return Number(text);
  return cell;
}
