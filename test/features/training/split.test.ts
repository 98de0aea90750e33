import { expect, test } from 'vitest';
import type { SplitSettings } from '../../../src/core/built-in/train.ts';
import type { CategoryColumn } from '../../../src/features/training/csv/table.ts';
import { splitRows } from '../../../src/features/training/split.ts';

const settings: SplitSettings = { type: 'stratified', by: null, fractions: [0.7, 0.15, 0.15], seed: 7n };

/** A column with so many rows of each text, mixed. */
function column(counts: Record<string, number>): CategoryColumn {
  const texts = Object.keys(counts);
  const codes = Object.values(counts).flatMap((count, code) => Array.from({ length: count }, () => code));
  codes.sort((a, b) => (((a + 1) * 31) % 7) - (((b + 1) * 31) % 7));
  return { type: 'category', name: 'kind', texts, codes: Int32Array.from(codes) };
}

const allRows = ({ codes }: CategoryColumn) => Uint32Array.from(codes.keys());

function countsIn(rows: Uint32Array, { codes, texts }: CategoryColumn): Record<string, number> {
  return Object.fromEntries(texts.map((text, code) => [text, rows.filter((row) => codes[row] === code).length]));
}

test('every row is in one part, and each part keeps the order of the file', () => {
  const kinds = column({ a: 50, b: 30, c: 20 });
  const { train, validation, test: held } = splitRows(allRows(kinds), settings, kinds);
  expect([train.length, validation.length, held.length]).toEqual([70, 15, 15]);
  expect([...train, ...validation, ...held].sort((a, b) => a - b)).toEqual([...allRows(kinds)]);
  expect([...train]).toEqual([...train].sort((a, b) => a - b));
});

test('a stratified split has the same mix in every part', () => {
  const kinds = column({ a: 100, b: 60, c: 40 });
  const { train, test: held } = splitRows(allRows(kinds), settings, kinds);
  expect(countsIn(train, kinds)).toEqual({ a: 70, b: 42, c: 28 });
  expect(countsIn(held, kinds)).toEqual({ a: 15, b: 9, c: 6 });
});

test('a class with a single row is learned from, not tested', () => {
  const kinds = column({ a: 40, rare: 1 });
  const { train } = splitRows(allRows(kinds), settings, kinds);
  expect(countsIn(train, kinds)['rare']).toBe(1);
});

test('many small classes still give parts of the sizes that were asked for', () => {
  const kinds = column(Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`k${at}`, 5])));
  const { validation, test: held } = splitRows(allRows(kinds), settings, kinds);
  expect(validation.length).toBe(30);
  expect(held.length).toBe(30);
});

test('the same seed deals the same rows, another seed others', () => {
  const kinds = column({ a: 50, b: 50 });
  const deal = (seed: bigint) => [...splitRows(allRows(kinds), { ...settings, seed }, kinds).test];
  expect(deal(7n)).toEqual(deal(7n));
  expect(deal(8n)).not.toEqual(deal(7n));
});

test('a random split does not look at the classes', () => {
  const kinds = column({ a: 90, b: 10 });
  const random = splitRows(allRows(kinds), { ...settings, type: 'random' }, kinds);
  expect([random.train.length, random.validation.length, random.test.length]).toEqual([70, 15, 15]);
});

test('too few rows for a part are an error', () => {
  const kinds = column({ a: 1, b: 1 });
  expect(() => splitRows(allRows(kinds), settings, kinds)).toThrow(
    'There are too few rows for a split: none is left for validation.',
  );
});
