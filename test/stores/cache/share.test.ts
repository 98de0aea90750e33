import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openCache } from '../../../src/stores/cache/cache.ts';
import { registeredRoots, registerRoot } from '../../../src/stores/cache/roots.ts';
import { shareCache } from '../../../src/stores/cache/share.ts';
import { createCliProject } from '../../support/cli-project.ts';
import { createFolder } from '../../support/sandbox.ts';

/** The bits that let the group read, and in folders write, of all there is; and those of others. */
function modesIn(folder: string) {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true });
  const modes = (isFolder: boolean) =>
    all
      .filter((entry) => entry.isDirectory() === isFolder)
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mode & (isFolder ? 0o2070 : 0o040));
  return { folders: new Set(modes(true)), files: new Set(modes(false)) };
}

const SHARED = { folders: new Set([0o2070]), files: new Set([0o040]) };

test.skipIf(process.platform === 'win32')(
  'a shared cache belongs to its group, whatever the mask of a user says',
  async () => {
    const before = process.umask(0o077);
    onTestFinished(() => void process.umask(before));
    const folder = await createFolder();
    const dir = join(folder, 'cache');
    // Begun before anybody shared it.
    openCache(dir, { link: ['copy'], tmp: join(folder, 'tmp') }).putBytes(Buffer.alloc(300_000, 'a'));
    for (const { name, parentPath } of readdirSync(dir, { recursive: true, withFileTypes: true }))
      if (statSync(join(parentPath, name)).isFile()) chmodSync(join(parentPath, name), 0o444);
    shareCache(dir);
    const cache = openCache(dir, { link: ['copy'], tmp: join(folder, 'tmp') });
    cache.putBytes(Buffer.alloc(300_000, 'b'));
    await cache.batch((batch) => {
      for (let n = 0; n < 40; n++) batch.putBytes(Buffer.from(`number ${n}`));
    });
    registerRoot(dir, folder);
    expect(modesIn(dir)).toEqual(SHARED);
    expect(statSync(dir).mode & 0o2070).toBe(0o2070);
    expect(registeredRoots(dir)).toEqual([folder]);
    expect(cache.list()).toBeDefined();
  },
);

test.skipIf(process.platform === 'win32')(
  'cache.shared says so, and without it folders are as the mask of the user has them',
  async () => {
    const before = process.umask(0o022);
    onTestFinished(() => void process.umask(before));
    const project = await createCliProject({ 'd/a': 'a', 'd/b': 'b' });
    await project.mlops('add', 'd');
    expect(modesIn(project.path('.mlops/cache')).folders).toEqual(new Set([0o050]));
    expect(await project.mlops('config', 'set', 'cache.shared', 'everybody')).toMatchObject({ exitCode: 2 });
    expect(await project.mlops('config', 'set', 'cache.shared', 'group')).toMatchObject({ exitCode: 0 });
    await project.write({ 'd/c': 'c' });
    await project.mlops('add', 'd');
    await project.mlops('gc', '--workspace', '--yes');
    expect(modesIn(project.path('.mlops/cache'))).toEqual(SHARED);
  },
);
