import { describe, expect, test } from 'vitest';
import { foldName, linkStaysInside, nameProblem, pathProblem } from '../../src/core/entry-name.ts';

describe('a name is refused that some system would take for another', () => {
  test.each([
    ['', 'is empty'],
    ['.', 'stands for no name of its own'],
    ['..', 'leads to the folder above'],
    ['. .', 'stands for no name of its own'],
    ['a/b', 'holds a slash or a backslash'],
    ['a\\b', 'holds a slash or a backslash'],
    ['a\0b', 'holds a NUL character'],
    ['.git', 'belongs to Git'],
    ['.GiT', 'belongs to Git'],
    ['.git. .', 'belongs to Git'],
    ['.g\u200cit', 'belongs to Git'],
    ['git~1', 'belongs to Git'],
    ['.mlops', 'belongs to mlops'],
    ['.MLOPS.lock.yaml', 'belongs to mlops'],
    ['con', 'is the name of a device on Windows'],
    ['COM¹ ', 'is the name of a device on Windows'],
    ['a\ud800', 'is not valid Unicode'],
    ['x'.repeat(256), 'is longer than 255 bytes'],
    ['ü'.repeat(128), 'is longer than 255 bytes'],
  ])('%j %s', (name, problem) => {
    expect(nameProblem(name)).toBe(problem);
  });

  test.each([
    'a',
    'con.txt',
    'aux.csv',
    'a b',
    ' a',
    '-n',
    'a:b',
    'a\nb',
    '"*?[',
    '.gitignore',
    'git',
    '~',
    'ü',
    'u\u0308',
    'x'.repeat(255),
    '❤️.png',
  ])('and %j is fine', (name) => {
    expect(nameProblem(name)).toBe(null);
  });
});

test('a path is refused for any name in it, and when it does not start from the root', () => {
  expect(pathProblem('data/raw.csv')).toBe(null);
  expect(pathProblem('')).toBe('it is empty');
  expect(pathProblem('/etc/passwd')).toBe('it is not relative to the project');
  expect(pathProblem('C:/x')).toBe('it is not relative to the project');
  expect(pathProblem('../x')).toBe('".." leads to the folder above');
  expect(pathProblem('a//b')).toBe('"" is empty');
  expect(pathProblem('a/.git/hooks/x')).toBe('".git" belongs to Git');
});

test('names fold together that may be one file somewhere', () => {
  expect(foldName('Ärger.txt')).toBe(foldName('a\u0308rger.TXT. '));
  expect(foldName('a.txt')).not.toBe(foldName('b.txt'));
});

test('a link stays inside a folder only when no way through other links leads out', () => {
  for (const [path, target] of [
    ['a', 'b'],
    ['a', 'b/c'],
    ['d/a', '../b'],
    ['d/e/a', '../../b'],
    ['d/a', '..'],
  ] as const) {
    expect([path, target, linkStaysInside(path, target)]).toEqual([path, target, true]);
  }
  for (const [path, target] of [
    ['a', '..'],
    ['a', '../b'],
    ['d/a', '../../b'],
    ['d/a', 'u/../../b'],
    ['d/a', 'u/..'],
    ['a', '/etc'],
    ['a', ''],
    ['a', 'C:\\x'],
  ] as const) {
    expect([path, target, linkStaysInside(path, target)]).toEqual([path, target, false]);
  }
});
