import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { openRemote } from '../../../src/stores/remotes/index.ts';
import { describeRemote } from '../../contracts/remote.ts';
import { remoteOptions } from '../../support/remote-options.ts';
import { createFolder } from '../../support/sandbox.ts';

const BYTES = { type: 'bytes' as const, bytes: Buffer.from('bill depth') };

describeRemote('folder', async () => openRemote(join(await createFolder(), 'store'), remoteOptions()));

test('a file URL and a path relative to the project name the same folder', async () => {
  const root = await createFolder();
  mkdirSync(join(root, 'my store'));
  const byPath = await openRemote('my store', remoteOptions({ root }));
  await byPath.put('v1/objects/ab/cd', BYTES, 'if-absent');
  const byUrl = await openRemote(pathToFileURL(join(root, 'my store')).href, remoteOptions());
  expect(await byUrl.head('v1/objects/ab/cd')).toMatchObject({ size: 10 });
  expect(readFileSync(join(root, 'my store/v1/objects/ab/cd'), 'utf8')).toBe('bill depth');
});

test('a folder that is not there is named, and nothing grows in its place', async () => {
  const folder = join(await createFolder(), 'archive');
  const remote = await openRemote(folder, remoteOptions());
  const notThere = {
    kind: 'remote-unavailable',
    message: expect.stringContaining(`${folder} of remote "origin" is not there`),
  };
  await expect(remote.head('v1/objects/ab/cd')).rejects.toMatchObject(notThere);
  await expect(remote.get('v1/objects/ab/cd')).rejects.toMatchObject(notThere);
  await expect(remote.put('v1/objects/ab/cd', BYTES, 'if-absent')).rejects.toMatchObject(notThere);
  await expect(remote.put('v1/objects/ab/cd', BYTES, 'always')).rejects.toMatchObject(notThere);
  await expect(remote.list('v1/')[Symbol.asyncIterator]().next()).rejects.toMatchObject(notThere);
  expect(existsSync(folder)).toBe(false);
});

test('a new folder is made on the first push when the one above it is there, and not in a dry run', async () => {
  const above = await createFolder();
  const remote = await openRemote(join(above, 'store'), remoteOptions());
  expect(await remote.prepare({ dryRun: true })).toBe(false);
  expect(existsSync(join(above, 'store'))).toBe(false);
  expect(await remote.prepare({ dryRun: false })).toBe(true);
  expect(existsSync(join(above, 'store'))).toBe(true);
});

test('below a mount point that is not mounted no folder is made', async () => {
  const above = await createFolder();
  const remote = await openRemote(join(above, 'mnt/archive'), remoteOptions());
  await expect(remote.prepare({ dryRun: false })).rejects.toMatchObject({
    kind: 'remote-unavailable',
    message: expect.stringContaining(`${join(above, 'mnt')}, which is to hold it, is not there`),
  });
});

test('what was written is not told as there when its folder cannot be brought to the disk', async () => {
  const folder = await createFolder();
  const remote = await openRemote(folder, remoteOptions());
  await remote.put('v1/objects/ab/cd', BYTES, 'if-absent');
  rmSync(join(folder, 'v1'), { recursive: true });
  expect(() => remote.close()).toThrow(`Cannot write into the folder ${folder} of remote "origin" (ENOENT)`);
  expect(() => remote.close()).not.toThrow();
});

test('a folder that vanishes between two puts is not made anew', async () => {
  const folder = await createFolder();
  const remote = await openRemote(folder, remoteOptions());
  await remote.put('v1/objects/ab/cd', BYTES, 'if-absent');
  rmSync(folder, { recursive: true });
  await expect(remote.put('v1/objects/ab/ce', BYTES, 'if-absent')).rejects.toMatchObject({
    kind: 'remote-unavailable',
  });
  expect(existsSync(folder)).toBe(false);
});

test('nothing unfinished is left behind, and nothing unfinished is listed', async () => {
  const folder = await createFolder();
  const remote = await openRemote(folder, remoteOptions());
  await remote.put('v1/objects/ab/cd', BYTES, 'if-absent');
  await remote.put('v1/objects/ab/cd', BYTES, 'always');
  expect(readdirSync(join(folder, '.tmp'))).toEqual([]);

  writeFileSync(join(folder, '.tmp/half'), 'ha');
  const keys: string[] = [];
  for await (const { key } of remote.list('')) keys.push(key);
  expect(keys).toEqual(['v1/objects/ab/cd']);
});

test.skipIf(process.getuid?.() === 0)(
  'a folder that may not be written to is told apart from one that is gone',
  async () => {
    const folder = await createFolder();
    chmodSync(folder, 0o555);
    const remote = await openRemote(folder, remoteOptions());
    await expect(remote.put('v1/objects/ab/cd', BYTES, 'if-absent')).rejects.toMatchObject({
      kind: 'remote-unavailable',
      message: expect.stringContaining('Not allowed to write into'),
    });
  },
);

test('a key never climbs out of the folder', async () => {
  const remote = await openRemote(await createFolder(), remoteOptions());
  await expect(remote.put('v1/../../escape', BYTES, 'always')).rejects.toThrow('climbs out');
});
