import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTextFile, writeFile } from '../../src/system/write-file.ts';
import { createFolder } from '../support/sandbox.ts';

test('a file is written whole, and nothing is left behind', async () => {
  const folder = await createFolder();
  const [path, tmp] = [join(folder, 'file'), join(folder, 'tmp')];
  writeFile(path, 'one', tmp);
  writeFile(path, Buffer.from('two'), tmp);
  expect(readFileSync(path, 'utf8')).toBe('two');
  expect(readdirSync(tmp)).toEqual([]);
});

test('its permissions stay, and a symbolic link stays one', async () => {
  const folder = await createFolder();
  const path = join(folder, 'real');
  writeFileSync(path, 'one');
  chmodSync(path, 0o600);
  symlinkSync('real', join(folder, 'link'));
  writeFile(join(folder, 'link'), 'two', join(folder, 'tmp'));
  expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).toBe('two');
});

test('a file that is not there has no text', async () => {
  const folder = await createFolder();
  expect(readTextFile(join(folder, 'nothing'))).toBeUndefined();
  expect(readTextFile(join(folder, 'nothing', 'deeper'))).toBeUndefined();
});

test('a folder where a file should be is told, and is no bug', async () => {
  const folder = await createFolder();
  expect(() => readTextFile(folder)).toThrowError(`Cannot read ${folder}: it is a folder.`);
});
