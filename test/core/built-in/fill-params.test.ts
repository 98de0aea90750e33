import { expect, test } from 'vitest';
import { fillParams } from '../../../src/core/built-in/fill-params.ts';

const params = { train: { lr: 0.01, epochs: 60n, hidden: [16n, 8n], name: 'small' } };

test('a text that is one param keeps its type', () => {
  const { filled, used, missing } = fillParams({ fit: { lr: '${train.lr}', epochs: '${ train.epochs }' } }, params);
  expect(filled).toEqual({ fit: { lr: 0.01, epochs: 60n } });
  expect(used).toEqual(['train.epochs', 'train.lr']);
  expect(missing).toEqual([]);
});

test('lists and mappings are params too, and items have numbers', () => {
  expect(fillParams({ hidden: '${train.hidden}', first: '${train.hidden[0]}' }, params).filled).toEqual({
    hidden: [16n, 8n],
    first: 16n,
  });
});

test('params within a text become text', () => {
  expect(fillParams({ out: 'models/${train.name}-${train.epochs}' }, params).filled).toEqual({
    out: 'models/small-60',
  });
});

test('a param that is not there is named, unless it has a default', () => {
  const { filled, missing } = fillParams({ a: '${train.lrr}', b: '${x:-7}', list: ['${y}'] }, params);
  expect(missing).toEqual(['train.lrr', 'y']);
  expect(filled).toEqual({ a: '${train.lrr}', b: '7', list: ['${y}'] });
});

test('an escaped ${ stays as it is, without the backslash', () => {
  expect(fillParams({ a: '\\${train.lr}' }, params)).toEqual({ filled: { a: '${train.lr}' }, used: [], missing: [] });
});

test('inherited names are not params', () => {
  expect(fillParams({ a: '${train.constructor}' }, params).missing).toEqual(['train.constructor']);
});
