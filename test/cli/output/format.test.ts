import { describe, expect, test } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDelta,
  formatDuration,
  formatList,
  formatValue,
} from '../../../src/cli/output/format.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1_500_000, '1.4 MiB'],
  [200 * 2 ** 20, '200 MiB'],
  [3 * 2 ** 60, '3072 PiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [1_000, '1.0 s'],
  [59_940, '59.9 s'],
  [59_960, '0 min 59 s'],
  [185_000, '3 min 5 s'],
  [7_800_000, '2 h 10 min'],
])('%d milliseconds are %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test('one is one, all else is many, in groups of three digits', () => {
  expect([0, 1, 2, 12_345].map((count) => formatCount(count, 'file'))).toEqual([
    '0 files',
    '1 file',
    '2 files',
    '12,345 files',
  ]);
});

describe('values', () => {
  test('numbers have five significant digits, or as many as asked for', () => {
    expect([1, 0.123456789, 1e-9, 123456.789].map((value) => formatValue(value))).toEqual([
      '1',
      '0.12346',
      '1e-9',
      '123460',
    ]);
    expect(formatValue(0.123456789, 3)).toBe('0.123');
  });

  test('what is not there is a dash; text is itself; the rest is JSON', () => {
    expect([null, undefined, 'x', true, [1, 2]].map((value) => formatValue(value))).toEqual([
      '-',
      '-',
      'x',
      'true',
      '[1,2]',
    ]);
  });

  test('a difference has its sign', () => {
    expect([0.01, -0.01, 0, null].map((delta) => formatDelta(delta))).toEqual(['+0.01', '-0.01', '0', '-']);
  });
});

test('a long list ends in how many more there are', () => {
  expect(formatList(['a', 'b', 'c'], 3)).toEqual(['a', 'b', 'c']);
  expect(formatList(['a', 'b', 'c'], 2)).toEqual(['a', 'b', '… and 1 more']);
});
