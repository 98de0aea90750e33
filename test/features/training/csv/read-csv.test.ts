import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MlopsError } from '../../../../src/core/errors.ts';
import { type ColumnType, readCsv } from '../../../../src/features/training/csv/read-csv.ts';
import { textAt } from '../../../../src/features/training/csv/table.ts';
import { csvField } from '../../../../src/features/training/csv/write-csv.ts';
import { createDesk } from '../jobs.ts';

const TEXTS: Record<string, ColumnType> = { a: 'category', b: 'category', c: 'category' };

/** Reads a text as a file; all columns, types inferred, unless told otherwise. */
async function read(text: string | Uint8Array, types: Record<string, ColumnType> | null = null) {
  const desk = await createDesk({ 'rows.csv': text });
  const choose = (header: readonly string[]) =>
    new Map(types === null ? header.map((name): [string, ColumnType] => [name, 'auto']) : Object.entries(types));
  const table = readCsv({ path: `${desk.root}/rows.csv`, file: 'rows.csv', choose });
  const rows = Array.from({ length: table.rows }, (_, row) => table.columns.map((column) => textAt(column, row)));
  return { types: Object.fromEntries(table.columns.map(({ name, type }) => [name, type])), rows };
}

async function failureOf(text: string | Uint8Array, types: Record<string, ColumnType> | null = null) {
  const error: unknown = await read(text, types).catch((reason: unknown) => reason);
  if (!(error instanceof MlopsError)) throw new Error('It did not fail as it should.', { cause: error });
  return { kind: error.kind, message: error.message };
}

describe('what is read', () => {
  test('numbers and texts are told apart by their values', async () => {
    expect(await read('size,colour\n1,red\n-2.5e3,blue\n.5,red\n')).toEqual({
      types: { size: 'number', colour: 'category' },
      rows: [
        ['1', 'red'],
        ['-2500', 'blue'],
        ['0.5', 'red'],
      ],
    });
  });

  test.each([
    ['Windows line ends', 'a,b\r\n1,x\r\n2,y\r\n'],
    ['a byte order mark', '\ufeffa,b\n1,x\n2,y\n'],
    ['no line end at the end', 'a,b\n1,x\n2,y'],
    ['blank lines', '\na,b\n\n1,x\n\n\n2,y\n\n'],
    ['semicolons', 'a;b\n1;x\n2;y\n'],
    ['tabs', 'a\tb\n1\tx\n2\ty\n'],
    ['quotes', '"a","b"\n"1","x"\n"2","y"\n'],
    ['spaces around numbers and names', ' a , b \n 1,x\n2 ,y\n'],
  ])('%s make no difference', async (_, text) => {
    expect(await read(text)).toEqual({
      types: { a: 'number', b: 'category' },
      rows: [
        ['1', 'x'],
        ['2', 'y'],
      ],
    });
  });

  test('quoted fields hold delimiters, quotes and line breaks', async () => {
    const { rows } = await read('a,b\n"one, ""two""\nthree",1\n"",2\n');
    expect(rows).toEqual([
      ['one, "two"\nthree', '1'],
      [null, '2'],
    ]);
  });

  test.each(['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', 'None', ' '])('"%s" is no value', async (text) => {
    const { rows, types } = await read(`a,b\n${text},x\n1,${text}\n`);
    expect(rows).toEqual([
      [null, 'x'],
      ['1', null],
    ]);
    expect(types).toEqual({ a: 'number', b: 'category' });
  });

  test('decimals are the very numbers that JavaScript reads', async () => {
    const texts = ['0.1', '123456789.123', '-0.30000000000000004', '1e-7', '99999999999999999999', '+5', '5.', '1.005'];
    const { rows } = await read(['a', ...texts, ''].join('\n'));
    expect(rows.map(([text]) => text)).toEqual(texts.map((text) => String(Number(text))));
  });

  test('names outside of ASCII are kept', async () => {
    expect((await read('größe,α\n1,Ünal\n')).rows).toEqual([['1', 'Ünal']]);
  });

  test('only the columns that were asked for are read, as what they were asked for', async () => {
    expect(await read('a,b,c\n1,2,3\n', { c: 'category' })).toEqual({ types: { c: 'category' }, rows: [['3']] });
  });
});

test('whatever texts a table holds, they are read as they were written', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'Ü', '7', ' ', ',', ';', '"', '\n', '\r', '\t', '😀') });
  const table = fc.array(fc.tuple(text, text, text), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(table, fc.constantFrom('\n', '\r\n'), async (rows, end) => {
      const written = rows.map((row) => row.map((field) => csvField(`x${field}`)).join(','));
      const { rows: found } = await read(['a,b,c', ...written, ''].join(end), TEXTS);
      expect(found).toEqual(rows.map((row) => row.map((field) => `x${field}`)));
    }),
    { numRuns: 200 },
  );
});

describe('what is refused', () => {
  test.each([
    [
      'too few fields',
      'a,b,c\n1,2,3\n1,2\n',
      'rows.csv, row 2 (line 3) has too few fields: 2, where the header has 3.',
    ],
    ['too many fields', 'a,b\n1,2,3\n', 'rows.csv, row 1 (line 2) has too many fields: 3, where the header has 2.'],
    [
      'text among numbers',
      'name,mass\n"x\ny",1\nz,2\nz,heavy\n',
      'rows.csv, row 3 (line 5), column "mass": "heavy" is not a number.',
    ],
    ['an open quote', 'a,b\n1,"2\n3,4\n', 'rows.csv, line 2: a quote is opened and never closed.'],
    ['text behind a quote', 'a,b\n"1"2,3\n', 'rows.csv, line 2: there is text after a closing quote.'],
    ['no rows', 'a,b\n', 'rows.csv has a header and no rows.'],
    ['nothing', '', 'rows.csv is empty; its first line has to name the columns.'],
    ['a column without a name', 'a,,c\n1,2,3\n', 'rows.csv: column 2 has no name in the header.'],
    ['two columns of one name', 'a,b,a\n1,2,3\n', 'rows.csv has two columns named "a".'],
  ])('%s', async (_, text, message) => {
    expect(await failureOf(text)).toEqual({ kind: 'invalid-data', message });
  });

  test('text in a column that was said to hold numbers', async () => {
    expect(await failureOf('a\nx\ny\n', { a: 'number' })).toEqual({
      kind: 'invalid-data',
      message: 'rows.csv, row 1 (line 2), column "a": "x" is not a number.',
    });
  });

  test('a column that is not there, with the nearest one', async () => {
    expect(await failureOf('beak_length,mass\n1,2\n', { beak_lenght: 'number' })).toEqual({
      kind: 'invalid-data',
      message: 'rows.csv has no column "beak_lenght"; did you mean "beak_length"?',
    });
  });

  test('bytes that are not UTF-8', async () => {
    const latin1 = Buffer.from('name\nJosé\n', 'latin1');
    expect(await failureOf(latin1)).toEqual({ kind: 'invalid-data', message: 'rows.csv is not UTF-8 text.' });
  });
});
