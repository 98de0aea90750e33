import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { IgnoreRules, patternOf } from '../../src/system/ignore-rules.ts';
import { ignoringRule } from '../../src/system/list-files.ts';
import { createSandbox } from '../support/sandbox.ts';

const FILES = [
  'a.tmp',
  'a.txt',
  'keep.tmp',
  'build/x',
  'src/build/x',
  'src/build.txt',
  'docs/a.md',
  'docs/deep/a.md',
  'docs/deep/er/b.md',
  'a[1].txt',
  'a1.txt',
  'b2.txt',
  '#note',
  '!bang',
  'space ',
  'back',
  'deep/one/two/three.log',
  'deep/one/keep.log',
  'foo/bar/baz',
  'foo/baz',
  'x/foo/bar',
  'ü.txt',
];

test.each([
  '*.tmp\n!keep.tmp',
  'build/',
  '/build/',
  'docs/*.md',
  'docs/**/*.md',
  '**/a.md',
  'docs/**',
  'a[1-9].txt',
  'a\\[1\\].txt',
  '[!a]*.txt',
  '\\#note\n\\!bang',
  'space\\ ',
  'back  ',
  '# only a comment\n\n',
  '*\n!*/\n!*.txt',
  'deep/*\n!deep/one\ndeep/one/two',
  'foo/**/baz',
  '/foo/bar',
  'foo/bar',
  '?1.txt',
  '[z-a].txt',
  'doc*/\n!docs/deep/',
])('the rules %j ignore what Git ignores', async (rules) => {
  const sandbox = await createSandbox();
  for (const file of FILES) {
    mkdirSync(dirname(join(sandbox.root, file)), { recursive: true });
    writeFileSync(join(sandbox.root, file), '');
  }
  writeFileSync(sandbox.path('.gitignore'), rules);
  writeFileSync(sandbox.path('.mlopsignore'), rules);
  const visible = execFileSync('git', ['ls-files', '-z', '--others', '--exclude-standard'], { cwd: sandbox.root });
  const expected = visible
    .toString()
    .split('\0')
    .filter((path) => FILES.includes(path));
  expect(FILES.filter((file) => ignoringRule(sandbox.root, file) === undefined).sort()).toEqual(expected.sort());
});

test('the file of an inner folder has the last word in it', () => {
  const rules = IgnoreRules.NONE.withOwn('*.log\n/only-here\n').inside('deep', '!keep.log\n*.bin\n');
  expect(rules.ruleFor('a.log', false)?.text).toBe('*.log');
  expect(rules.ruleFor('keep.log', false)).toBeUndefined();
  expect(rules.ruleFor('a.bin', false)?.text).toBe('*.bin');
  expect(rules.ruleFor('only-here', false)).toBeUndefined();
});

test('a pattern for paths matches from their beginning', () => {
  expect(patternOf('data/*.csv').test('data/a.csv')).toBe(true);
  expect(patternOf('*.csv').test('data/a.csv')).toBe(false);
  expect(patternOf('**/*.csv').test('data/deep/a.csv')).toBe(true);
});
