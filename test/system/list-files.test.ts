import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { IgnoreRules } from '../../src/system/ignore-rules.ts';
import { expandGlob, readFolder, rulesAround } from '../../src/system/list-files.ts';
import { createFolder } from '../support/sandbox.ts';

async function folderWith(...paths: string[]): Promise<string> {
  const root = await createFolder();
  for (const path of paths) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), '');
  }
  return root;
}

test('names come in the order of their code points, each with its type', async () => {
  const root = await folderWith('b', 'a', 'Z', 'z', 'é', '\u{1F600}', '\uFFEE', 'folder/x', '.hidden');
  symlinkSync('a', join(root, 'link'));
  execFileSync('mkfifo', [join(root, 'pipe')]);
  expect(readFolder(root, IgnoreRules.NONE).map(({ name, type }) => `${name} ${type}`)).toEqual([
    '.hidden file',
    'Z file',
    'a file',
    'b file',
    'folder folder',
    'link symlink',
    'pipe special',
    'z file',
    'é file',
    '\uFFEE file',
    '\u{1F600} file',
  ]);
});

test('what belongs to Git and mlops is never listed, nor what is ignored', async () => {
  const root = await folderWith(
    '.git/config',
    '.mlops/index',
    '.mlops.yaml',
    '.mlopsignore',
    'a.tmp',
    'a.txt',
    '.gitignore',
  );
  writeFileSync(join(root, '.mlopsignore'), '*.tmp\n');
  expect(readFolder(root, rulesAround(root, 'a')).map(({ name }) => name)).toEqual(['.gitignore', 'a.txt']);
});

test.skipIf(process.platform !== 'linux')('a name that is not UTF-8 is told with its folder', async () => {
  const root = await folderWith('a');
  execFileSync('sh', ['-c', 'touch "$(printf \'b\\377d\')"'], { cwd: root });
  expect(() => readFolder(root, IgnoreRules.NONE)).toThrow(
    expect.objectContaining({ kind: 'usage', message: expect.stringContaining('is not UTF-8') }),
  );
});

test('a pattern stands for the files it matches, in order, without the ignored', async () => {
  const root = await folderWith(
    'src/b.js',
    'src/deep/a.js',
    'src/.hidden.js',
    'src/c.txt',
    'src/skip.js',
    '.mlops/x.js',
  );
  writeFileSync(join(root, '.mlopsignore'), 'skip.js\n');
  expect(await expandGlob('src/**/*.js', root)).toEqual(['src/.hidden.js', 'src/b.js', 'src/deep/a.js']);
  expect(await expandGlob('**/*.js', root)).toHaveLength(3);
  expect(await expandGlob('nothing/*', root)).toEqual([]);
});
