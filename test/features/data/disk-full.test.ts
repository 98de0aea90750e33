import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { addPaths } from '../../../src/features/data/add/add.ts';
import { checkoutPaths } from '../../../src/features/data/checkout/checkout.ts';
import { initProject } from '../../../src/project/init.ts';
import { openProject } from '../../../src/project/open.ts';
import { createFolder } from '../../support/sandbox.ts';

const MIB = 1024 * 1024;

/** Why no small disk can be had here; null when one can. */
function mountProblem(): string | null {
  const tried = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', '/mnt'], {
    encoding: 'utf8',
  });
  return tried.status === 0 ? null : `a small file system cannot be mounted: ${tried.stderr?.trim() ?? 'no mount'}`;
}

const problem = process.platform === 'linux' ? mountProblem() : 'tmpfs is of Linux';

/** A project on a disk of 8 MiB. */
async function projectOnSmallDisk() {
  const folder = await createFolder();
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder]);
  onTestFinished(() => void spawnSync('umount', [folder]));
  const root = join(folder, 'project');
  spawnSync('mkdir', [root]);
  await initProject({ cwd: root, git: false, subdir: false, force: false, env: {} });
  const open = () =>
    openProject(root, {
      env: {},
      now: () => new Date(),
      report: () => undefined,
      signal: new AbortController().signal,
      waitMilliseconds: 0,
    });
  const add = async (path: string) =>
    addPaths(await open(), { paths: [join(root, path)], force: false, dryRun: false });
  const checkout = async () => checkoutPaths(await open(), { targets: [], force: false, allowMissing: false });
  return { root, open, add, checkout, cache: join(root, '.mlops/cache/v1') };
}

const filled = (root: string, bytes: number) => {
  const path = join(root, 'ballast');
  writeFileSync(path, Buffer.alloc(bytes, 1));
  return path;
};

describe.skipIf(problem !== null)(`on a full disk${problem === null ? '' : ` (skipped: ${problem})`}`, () => {
  test('add says so, with the bytes that are needed, and what was there stays', async () => {
    const { root, add, cache } = await projectOnSmallDisk();
    writeFileSync(join(root, 'small.csv'), 'small');
    await add('small.csv');
    const before = readFileSync(join(root, '.mlops.lock.yaml'), 'utf8');
    writeFileSync(join(root, 'large.bin'), Buffer.alloc(5 * MIB, 7));
    await expect(add('large.bin')).rejects.toMatchObject({
      kind: 'no-space',
      message: expect.stringMatching(/the disk is full\. \d+ bytes are needed\./),
    });
    expect(readFileSync(join(root, '.mlops.lock.yaml'), 'utf8')).toBe(before);
    expect(readdirSync(join(cache, 'tmp'))).toEqual([]);
    rmSync(join(root, 'large.bin'));
    writeFileSync(join(root, 'large.bin'), Buffer.alloc(MIB, 7));
    expect((await add('large.bin')).added).toHaveLength(1);
  });

  test('a folder of small files is added whole or not at all', async () => {
    const { root, add, open, cache } = await projectOnSmallDisk();
    spawnSync('mkdir', [join(root, 'data')]);
    for (let at = 0; at < 250; at++) writeFileSync(join(root, 'data', `${at}`), Buffer.alloc(9000, `${at} `));
    const ballast = filled(root, 3 * MIB);
    await expect(add('data')).rejects.toMatchObject({ kind: 'no-space' });
    expect((await open()).readLockfile().data).toEqual({});
    expect(readdirSync(join(cache, 'tmp'))).toEqual([]);
    rmSync(ballast);
    expect((await add('data')).added).toMatchObject([{ files: 250 }]);
  });

  test('checkout leaves the file as it was, and goes on when there is room', async () => {
    const { root, add, checkout } = await projectOnSmallDisk();
    writeFileSync(join(root, 'data.bin'), Buffer.alloc(2 * MIB, 1));
    await add('data.bin');
    const first = readFileSync(join(root, '.mlops.lock.yaml'), 'utf8');
    writeFileSync(join(root, 'data.bin'), 'second');
    await add('data.bin');
    writeFileSync(join(root, '.mlops.lock.yaml'), first);
    const ballast = filled(root, 5 * MIB);
    await expect(checkout()).rejects.toMatchObject({
      kind: 'no-space',
      message: expect.stringContaining(`${2 * MIB} bytes`),
    });
    expect(readFileSync(join(root, 'data.bin'), 'utf8')).toBe('second');
    expect(existsSync(join(root, '.mlops/tmp')) ? readdirSync(join(root, '.mlops/tmp')) : []).toEqual([]);
    rmSync(ballast);
    expect((await checkout()).modified).toEqual(['data.bin']);
  });

  test('the lockfile that was there stays when a new one does not fit', async () => {
    const { root, add, open } = await projectOnSmallDisk();
    writeFileSync(join(root, 'a.csv'), 'a');
    await add('a.csv');
    const data = { ...(await open()).readLockfile().data };
    // To the last page.
    const ballast = join(root, 'ballast');
    spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4096']);
    writeFileSync(join(root, 'b.csv'), '');
    await expect(add('b.csv')).rejects.toMatchObject({ kind: 'no-space' });
    expect((await open()).readLockfile().data).toEqual(data);
    rmSync(ballast);
    expect((await add('b.csv')).added).toHaveLength(1);
  });
});
