import { expect, test } from 'vitest';
import { shellWord, splitWords } from '../../src/core/shell-word.ts';

test.each([
  ['bash -euo pipefail', ['bash', '-euo', 'pipefail']],
  ['  "C:\\Program Files\\Git\\bin\\sh.exe"\t-e ', ['C:\\Program Files\\Git\\bin\\sh.exe', '-e']],
  [`'my shells'/sh "it's" ''`, ['my shells/sh', "it's", '']],
  ['   ', []],
  ['"sh -e', null],
  [`sh 'a"`, null],
])('%s as words', (text, words) => expect(splitWords(text)).toEqual(words));

test('a word that is quoted is read back as one', () => {
  for (const word of ['plain', 'two words', '$HOME', 'a;b', '-x']) expect(splitWords(shellWord(word))).toEqual([word]);
  expect(shellWord("it's")).toBe(`'it'\\''s'`);
});
