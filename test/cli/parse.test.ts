import { describe, expect, test } from 'vitest';
import {
  collectAssignment,
  parseChoice,
  parseCount,
  parseDuration,
  parseIndex,
  parseNumber,
} from '../../src/cli/parse.ts';

describe('texts of options', () => {
  test.each([
    ['250ms', 250],
    ['30', 30_000],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
  ])('%s is a time of %i milliseconds', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test.each([
    ['a time', parseDuration, '5 weeks'],
    ['a count', parseCount, '0'],
    ['a count', parseCount, '1.5'],
    ['a count', parseCount, '99999999999999999999'],
    ['an index', parseIndex, '-1'],
    ['a number', parseNumber, ''],
    ['a number', parseNumber, 'Infinity'],
    ['one of the words', parseChoice('a', 'b'), 'c'],
    ['an assignment', collectAssignment, '=1'],
  ])('what is not %s is refused, and quoted', (_, parse, text) => {
    expect(() => parse(text)).toThrow(`"${text}" is not`);
  });

  test('numbers and words are taken as they are', () => {
    expect([parseCount('7'), parseIndex('0'), parseNumber('-1e-3'), parseChoice('a')('a')]).toEqual([
      7,
      0,
      -0.001,
      'a',
    ]);
  });

  test('assignments are collected; the value may hold anything', () => {
    const first = collectAssignment('a.b=1=2');
    expect(collectAssignment('c=', first)).toEqual([
      { name: 'a.b', value: '1=2' },
      { name: 'c', value: '' },
    ]);
  });
});
