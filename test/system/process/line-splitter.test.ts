import { expect, test } from 'vitest';
import { LineSplitter } from '../../../src/system/process/line-splitter.ts';

function linesOf(...pieces: string[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((text) => lines.push(text));
  for (const piece of pieces) splitter.add(piece);
  splitter.end();
  return lines;
}

test('a line is the same wherever its text was cut', () => {
  const text = 'one\r\ntwo\n\n50 %\r100 %\r\rthree\r\n\r\nlast';
  const whole = ['one', 'two', '', '50 %', '100 %', '', 'three', '', 'last'];
  expect(linesOf(text)).toEqual(whole);
  expect(linesOf(...text)).toEqual(whole);
  for (let at = 1; at < text.length; at++) expect(linesOf(text.slice(0, at), text.slice(at))).toEqual(whole);
});

test('what comes last needs no end of a line, and may be one', () => {
  expect(linesOf('a')).toEqual(['a']);
  expect(linesOf('a\n')).toEqual(['a']);
  expect(linesOf('a\r')).toEqual(['a']);
  expect(linesOf('\r')).toEqual(['']);
  expect(linesOf('')).toEqual([]);
});
