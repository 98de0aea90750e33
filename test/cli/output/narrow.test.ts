import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellWord } from '../../../src/core/shell-word.ts';
import { MlopsError } from '../../../src/core/errors.ts';
import { renderError } from '../../../src/cli/output/error.ts';
import { foldLine } from '../../../src/cli/output/fold.ts';
import { gitAddLines } from '../../../src/cli/output/git-add.ts';
import { createStyle, plainStyle, styleIn } from '../../../src/cli/output/style.ts';
import { renderTable } from '../../../src/cli/output/table.ts';
import { createCliProject } from '../../support/cli-project.ts';
import { runMlops } from '../../support/run-mlops.ts';

const narrow = plainStyle(60, 60);
const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

test('a sentence is broken between words, and a command stays whole on a line of its own', () => {
  const error = new MlopsError(
    'refused',
    'data/raw.csv is tracked by Git, or has files that are, and so it stays there.',
    {
      hint: 'Take it out of Git, the files stay: git rm -r --cached -- data/a-long-name-that-does-not-fit-into-a-line.csv',
    },
  );
  expect(renderError(error, narrow, false)).toBe(
    [
      'error: data/raw.csv is tracked by Git, or has files that',
      '       are, and so it stays there.',
      'hint: Take it out of Git, the files stay:',
      '      git rm -r --cached -- data/a-long-name-that-does-not-fit-into-a-line.csv',
    ].join('\n'),
  );
  expect(renderError(error, plainStyle(60), false).split('\n')).toHaveLength(2);
});

test('a table folds its widest words, never its numbers, and takes no more room than there is', async () => {
  const long = 'data/images/of-the-second-campaign/training/left/0001.png';
  const rows = [
    [long, '1,000,000', 'some words that say what this is'],
    ['a', '1', 'b'],
  ];
  const table = renderTable(['path', 'files', 'what'], rows, narrow);
  expect(widest(table)).toBeLessThanOrEqual(60);
  expect(table).toContain('1,000,000');
  expect(table.split('\n').some((line) => /\bwhat this\b|\bthis is\b/.test(line))).toBe(true);
  const [, ...below] = table.split('\n');
  const column = below.slice(0, -1).map((line) => line.split('  ')[0]?.trim());
  expect(column.join('')).toBe(long);
  const colored = await createStyle(true, 60, true);
  expect(renderTable(['path'], [[colored.bad(long.repeat(2))]], colored).split('\n').length).toBeGreaterThan(2);
  expect(renderTable(['path', 'files', 'what'], rows, plainStyle(60)).split('\n')).toHaveLength(3);
});

test('a name is quoted as Git does when it would not stay on its line', () => {
  const { path } = plainStyle();
  expect(['plain name', 'ünï', "it's"].map(path)).toEqual(['plain name', 'ünï', "it's"]);
  expect(path('a\nb')).toBe('"a\\nb"');
  expect(path('say "x"\\')).toBe('"say \\"x\\"\\\\"');
  expect(path('e\u001b[2J\u202e')).toBe('"e\\033[2J\\342\\200\\256"');
});

test('the line for Git is one that a shell takes, whatever a folder is called', () => {
  const names = ['-n/.gitignore', ':(top)/.gitignore', 'a\nb/.gitignore', "it's \\ \u0007/.gitignore"];
  const line = gitAddLines(names, plainStyle()).at(-1) ?? '';
  expect(line.split('\n')).toHaveLength(1);
  const read = execFileSync('bash', ['-c', `printf '%s\\0' ${line.replace('  git add ', '')}`], { encoding: 'utf8' });
  expect(
    read
      .split('\0')
      .slice(0, -1)
      .map((name) => name.replace(/^\.\//, '')),
  ).toEqual(names);
  expect(shellWord('a\u0080')).toBe("$'a\\xc2\\x80'");
  expect(styleIn(plainStyle(), '/p', '/p/a').word('a/-x')).toBe('./-x');
});

test('line breaks in names leave every sentence on its line, and JSON as it is', async () => {
  const project = await createCliProject({ 'a\nb.csv': 'x' });
  const missing = await project.mlops('add', 'no\nsuch.csv');
  expect(missing.err).toContain('error: There is no no\\nsuch.csv');
  expect((await project.mlops('add', 'a\nb.csv')).out).toContain('Added "a\\nb.csv" (1 B)');
  expect((await project.mlops('status', '--json')).json()).toMatchObject({ data: [{ path: 'a\nb.csv' }] });
  await project.write({ 'a\nb.csv': 'y' });
  expect((await project.mlops('status')).out).toContain('modified:  "a\\nb.csv"');
});

test('of a result, sentences and what is said of a name are folded; commands, drawings and tables are not', () => {
  const said = '  unchanged: data/images  (not in the cache: mlops commit)';
  expect(foldLine(said, 40)).toBe('  unchanged: data/images  (not in the\n    cache: mlops commit)');
  expect(foldLine('  8  refused to overwrite, delete or accept without --force', 40)).toBe(
    '  8  refused to overwrite, delete or\n     accept without --force',
  );
  for (const line of [
    '  git add .mlops.lock.yaml a/.gitignore b/.gitignore c/.gitignore',
    '| a cell of a table | another cell of the same table |',
    '┌────────┐ ┌────────────────────┐ ┌──────────────────────┐',
    'a  b  one column after the other, and there is more of it',
  ]) {
    expect(foldLine(line, 40)).toBe(line);
  }
});

test('a narrow terminal gets short lines, a file gets long ones', async () => {
  const project = await createCliProject({ 'a.csv': 'x' });
  const world = { cwd: project.root, columns: 40, outIsTerminal: true, errIsTerminal: true, env: { NO_COLOR: '1' } };
  const shown = await runMlops(world, 'status');
  expect(widest(shown.out)).toBeLessThanOrEqual(40);
  expect(shown.out.replaceAll(/\n */g, ' ')).toBe(`${(await project.mlops('status')).out.trim()} `);
  expect(widest((await runMlops(world, 'add', '.')).err)).toBeLessThanOrEqual(40);
});
