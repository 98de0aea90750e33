import { expect, test } from 'vitest';
import { renderMarkdownTable } from '../../../src/cli/output/markdown.ts';
import { createStyle, plainStyle } from '../../../src/cli/output/style.ts';
import { renderCsv, renderTable } from '../../../src/cli/output/table.ts';

test('words stand to the left, numbers to the right, nothing behind the last column', () => {
  const rows = [
    ['loss', '0.5', 'up'],
    ['accuracy', '-10', ''],
  ];
  expect(renderTable(['name', 'change', ''], rows, plainStyle())).toBe(
    ['name      change', 'loss         0.5  up', 'accuracy     -10'].join('\n'),
  );
});

test('colours take no room', async () => {
  const style = await createStyle(true, 80);
  const [, first, second] = renderTable(
    ['a', 'b'],
    [
      [style.bad('x'), 'p'],
      ['yy', 'q'],
    ],
    style,
  ).split('\n');
  expect(first).toBe(`${style.bad('x')}   p`);
  expect(second).toBe('yy  q');
});

test('commas, quotes and line ends are quoted in CSV', () => {
  expect(renderCsv(['a', 'b'], [['1,5', 'say "x"']])).toBe('a,b\n"1,5","say ""x"""');
});

test('bars are escaped in Markdown', () => {
  expect(renderMarkdownTable(['a', 'b'], [['x|y', 'z']])).toBe('| a | b |\n| --- | --- |\n| x\\|y | z |');
});
