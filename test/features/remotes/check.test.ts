import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addRemote } from '../../../src/features/remotes/add.ts';
import { checkRemote } from '../../../src/features/remotes/check.ts';
import { createProject } from '../../support/open-project.ts';
import { createFolder } from '../../support/sandbox.ts';

async function checked(url: string) {
  const { open } = await createProject();
  await addRemote(await open(), { name: 'origin', url });
  return checkRemote(await open(), 'origin');
}

test('a sound remote is written to, read and left as it was', async () => {
  const folder = await createFolder();
  expect(await checked(folder)).toMatchObject({ name: 'origin', ok: true, writable: true });
  expect(readdirSync(join(folder, 'v1/check'))).toEqual([]);
});

test('a folder that the first push would make is fine, and is not made', async () => {
  const above = await createFolder();
  expect(await checked(join(above, 'store'))).toMatchObject({ ok: true, writable: null });
  expect(readdirSync(above)).toEqual([]);
});

test('a remote that is not there is told with a way out', async () => {
  expect(await checked(join(await createFolder(), 'mnt/archive'))).toMatchObject({
    ok: false,
    message: expect.stringContaining('is not there'),
    hint: expect.stringContaining('mount'),
  });
});

test('a remote that cannot be written to can still be read', async () => {
  const folder = await createFolder();
  mkdirSync(join(folder, 'v1'));
  writeFileSync(join(folder, 'v1/check'), 'a file where the folder should be');
  expect(await checked(folder)).toMatchObject({ ok: true, writable: false });
});
