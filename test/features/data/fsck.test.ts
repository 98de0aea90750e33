import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Digest } from '../../../src/core/digest.ts';
import { checkoutPaths } from '../../../src/features/data/checkout/checkout.ts';
import { checkCache, type FsckRequest } from '../../../src/features/data/fsck.ts';
import { pushObjects } from '../../../src/features/data/transfer/transfer.ts';
import { addRemote } from '../../../src/features/remotes/add.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { createProject, type OpenedProject } from '../../support/open-project.ts';
import { createFolder } from '../../support/sandbox.ts';
import { track } from '../../support/tracking.ts';

const fsck = async (project: OpenedProject, more: Partial<FsckRequest> = {}) =>
  checkCache(await project.open(), { targets: [], repair: false, remote: null, fast: false, ...more });

async function trackedProject() {
  const project = await createProject({ 'raw.csv': 'raw\n', 'images/1.png': 'one', 'images/deep/2.png': 'two' });
  await track(await project.open(), 'raw.csv', 'images');
  return project;
}

async function objectOf(project: OpenedProject, digest: Digest): Promise<string> {
  const cache = await (await project.open()).cache();
  return cache.pathOf(digest) ?? '';
}

async function damage(project: OpenedProject, digest: Digest): Promise<void> {
  const path = await objectOf(project, digest);
  const bytes = readFileSync(path);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  rmSync(path);
  writeFileSync(path, bytes);
}

const clean = { damaged: [], repaired: 0, missing: [] };

describe('fsck', () => {
  test('has nothing to say of a cache that is sound', async () => {
    const project = await trackedProject();
    expect(await fsck(project)).toEqual({ checked: 5, ...clean });
    expect(await fsck(project, { targets: ['images/deep'] })).toMatchObject(clean);
    expect(await fsck(project, { fast: true })).toMatchObject(clean);
    await expect(fsck(project, { targets: ['imags'] })).rejects.toMatchObject({ kind: 'usage' });
  });

  test('finds a flipped bit, says whose it is, and puts it where nothing serves it', async () => {
    const project = await trackedProject();
    await damage(project, digestOf('two'));
    const found = await fsck(project);
    const paths = ['images/deep/2.png'];
    expect(found).toEqual({
      checked: 5,
      damaged: [{ digest: digestOf('two'), where: 'cache', paths, repaired: false }],
      repaired: 0,
      missing: [{ digest: digestOf('two'), paths }],
    });
    expect((await (await project.open()).cache()).has(digestOf('two'))).toBe(false);
    expect(await fsck(project)).toMatchObject({ damaged: [], missing: [{ paths }] });
  });

  test('sizes alone are enough for an object that was cut off', async () => {
    const project = await trackedProject();
    const path = await objectOf(project, digestOf('raw\n'));
    rmSync(path);
    writeFileSync(path, 'ra');
    expect((await fsck(project, { fast: true })).damaged).toMatchObject([{ paths: ['raw.csv'] }]);
  });

  test('repairs from the workspace: files, and the lists of files', async () => {
    const project = await trackedProject();
    const tree = (await project.open()).readLockfile().data['images']?.digest as Digest;
    await damage(project, digestOf('raw\n'));
    await damage(project, tree);
    const found = await fsck(project, { repair: true });
    expect(found.damaged.map(({ paths, repaired }) => [paths, repaired]).toSorted()).toEqual([
      [['images'], true],
      [['raw.csv'], true],
    ]);
    expect(found).toMatchObject({ repaired: 2, missing: [] });
    expect(await fsck(project)).toEqual({ checked: 5, ...clean });
  });

  test('repairs from a remote, also what only an older revision needs', async () => {
    const project = await trackedProject();
    const remote = join(await createFolder(), 'store');
    await addRemote(await project.open(), { name: 'origin', url: remote, default: false });
    const all = { targets: [], remote: 'origin', jobs: null, dryRun: false };
    await pushObjects(await project.open(), all);
    await project.sandbox.write({ 'raw.csv': 'newer\n' });
    await track(await project.open(), 'raw.csv');
    await pushObjects(await project.open(), all);
    await damage(project, digestOf('raw\n'));
    await damage(project, digestOf('newer\n'));
    rmSync(project.sandbox.path('raw.csv'));
    rmSync(project.sandbox.path('images'), { recursive: true });
    const tree = (await project.open()).readLockfile().data['images']?.digest as Digest;
    rmSync(await objectOf(project, tree));

    // Asked, and not told to repair: it is missing here, but not lost.
    expect(await fsck(project, { remote: 'origin' })).toMatchObject({ repaired: 0, missing: [] });
    expect(await fsck(project, { remote: 'origin', repair: true })).toMatchObject({ missing: [], repaired: 2 });
    await damage(project, digestOf('two'));
    expect(await fsck(project, { remote: 'origin', repair: true })).toMatchObject({
      damaged: [{ repaired: true }],
      repaired: 1,
      missing: [],
    });
    const back = await checkoutPaths(await project.open(), { targets: [], force: false, allowMissing: false });
    expect(back).toMatchObject({ failed: [], added: ['images/1.png', 'images/deep/2.png', 'raw.csv'] });
    await damage(project, digestOf('two'));
    rmSync(project.sandbox.path('images/deep/2.png'));
    rmSync(remote, { recursive: true });
    expect(await fsck(project, { remote: 'origin', repair: true })).toMatchObject({
      missing: [{ digest: digestOf('two'), paths: ['images/deep/2.png'] }],
    });
  });
});
