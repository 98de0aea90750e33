import { expect, test } from 'vitest';
import type { ValueMap } from '../../../src/core/value.ts';
import { createDesk } from './jobs.ts';

/** Sixty rows of two kinds that differ in size, with a constant and an empty column. */
const header = 'kind,size,colour,empty\n';
const rows = Array.from(
  { length: 60 },
  (_, at) => `${at % 2 === 0 ? 'cat' : 'dog'},${at % 2 === 0 ? 1 : 9}.${at},red,`,
);
const good = `${header}${rows.join('\n')}\n`;

function settings(more: ValueMap = {}): ValueMap {
  return { data: 'animals.csv', target: 'kind', features: ['size', 'colour'], fit: { epochs: 1n }, out: 'm', ...more };
}

/** What training on these rows fails with; nothing may be left behind. */
async function failureOf(text: string, more: ValueMap = {}) {
  const desk = await createDesk({ 'animals.csv': text });
  const failure = await desk.failure('train', settings(more));
  expect(desk.list('.')).toEqual(['animals.csv']);
  return failure;
}

test('the good rows are good', async () => {
  const desk = await createDesk({ 'animals.csv': good });
  expect(await desk.run('train', settings())).toMatchObject({ rows: 42 });
});

test('a file that is not there, with the pull that may bring it', async () => {
  expect(await failureOf(good, { data: 'data/animals.csv' })).toEqual({
    kind: 'data-missing',
    message: 'data/animals.csv does not exist.',
    hint: 'mlops pull data/animals.csv',
  });
});

test('a target that is not a column, with the nearest one', async () => {
  expect(await failureOf(good, { target: 'kid' })).toEqual({
    kind: 'invalid-data',
    message: 'animals.csv has no column "kid"; did you mean "kind"?',
    hint: 'Its columns are kind, size, colour, empty.',
  });
});

test('a feature that is not a column', async () => {
  expect(await failureOf(good, { features: ['sise'] })).toMatchObject({
    kind: 'invalid-data',
    message: 'animals.csv has no column "sise"; did you mean "size"?',
  });
});

test('a target among the features', async () => {
  expect(await failureOf(good, { features: ['size', 'kind'] })).toMatchObject({
    kind: 'invalid-data',
    message: 'The target "kind" is among the features: the model would see the answer.',
  });
});

test('a target without a single value', async () => {
  expect(await failureOf(good, { target: 'empty' })).toMatchObject({
    kind: 'invalid-data',
    message: 'animals.csv: the target "empty" has no value in any row.',
  });
});

test('a target with one value only', async () => {
  expect(await failureOf(good, { target: 'colour', features: ['size'] })).toEqual({
    kind: 'invalid-data',
    message: 'animals.csv: all rows have the same "colour": red.',
    hint: 'There is nothing to tell apart. Check the target and the split.',
  });
});

test('a target that is a quantity', async () => {
  const many = Array.from({ length: 300 }, (_, at) => `cat,${at}.5,red,`).join('\n');
  expect(await failureOf(`${header}${many}\n`, { target: 'size', features: ['colour'] })).toMatchObject({
    kind: 'invalid-data',
    message: 'animals.csv: the target "size" has 300 different values.',
    hint: 'Classes are at most 200; a quantity cannot be predicted yet.',
  });
});

test('a feature without a single value', async () => {
  expect(await failureOf(good, { features: ['size', 'empty'] })).toEqual({
    kind: 'invalid-data',
    message: 'animals.csv: the column "empty" has no value in any training row.',
    hint: 'Leave it out: name the columns to learn from: features: [a, b, …]',
  });
});

test('text in a column of numbers, with row and column', async () => {
  const text = good.replace('dog,9.3,', 'dog,big,');
  expect(await failureOf(text)).toEqual({
    kind: 'invalid-data',
    message: 'animals.csv, row 4 (line 5), column "size": "big" is not a number.',
    hint: 'Correct the value or leave it empty. If the column holds names: features: [{ name: size, type: category }]',
  });
});

test('a row with too few fields, with its place', async () => {
  const text = good.replace('dog,9.3,red,', 'dog,9.3');
  expect(await failureOf(text)).toMatchObject({
    kind: 'invalid-data',
    message: 'animals.csv, row 4 (line 5) has too few fields: 2, where the header has 4.',
  });
});

test('a column of identifiers', async () => {
  const ids = Array.from({ length: 3000 }, (_, at) => `${at % 2 === 0 ? 'cat' : 'dog'},1,id-${at},`).join('\n');
  expect(await failureOf(`${header}${ids}\n`)).toMatchObject({
    kind: 'invalid-data',
    message: 'animals.csv: the column "colour" has 2100 different texts.',
  });
});

test('pixels that do not make up the image', async () => {
  const features = { image: [8n, 8n, 1n], columns: ['size', 'empty'] };
  expect(await failureOf(good, { features, model: 'cnn' })).toEqual({
    kind: 'invalid-data',
    message: 'An image of 8 × 8 × 1 has 64 values, but animals.csv gives 2 columns.',
    hint: 'Correct features.image, or name the pixel columns: features: { image: [...], columns: [...] }',
  });
});

test('a pixel that is missing, with its place', async () => {
  const features = { image: [1n, 1n, 1n], columns: ['size'] };
  const text = good.replace('cat,1.2,', 'cat,,').replace('dog,9.1,', 'dog,,').replace('dog,9.3,', 'dog,,');
  const failure = await failureOf(text, { features });
  expect(failure.message).toMatch(/^animals\.csv, row \d \(line \d\), column "size": a pixel is missing\.$/);
});

test('too few rows to split', async () => {
  expect(await failureOf(`${header}cat,1,red,\ndog,9,red,\n`)).toEqual({
    kind: 'invalid-data',
    message: 'There are too few rows for a split: none is left for validation.',
    hint: 'Give more rows, or other fractions.',
  });
});

test('a label that only test rows have', async () => {
  const text = `${header}${rows.join('\n')}\nwolf,5,red,\n`;
  const split = { type: 'random', fractions: [0.02, 0.49, 0.49] };
  const failure = await failureOf(text, { data: { train: 'animals.csv', split }, fit: { epochs: 1n } });
  expect(failure.kind).toBe('invalid-data');
});

test('settings that are wrong are told all at once', async () => {
  const failure = await failureOf(good, { fit: { epochs: 0n }, seeds: 1n });
  expect(failure).toMatchObject({
    kind: 'usage',
    message:
      '"epochs" has to be a whole number from 1 to 1000000, not 0. There is no key "seeds" here; did you mean "seed"?',
  });
});
