import { lstatSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkoutPaths } from '../../../src/features/data/checkout/checkout.ts';
import { unprotectPaths } from '../../../src/features/data/unprotect.ts';
import { dataStatus } from '../../../src/features/data/status.ts';
import { createProject } from '../../support/open-project.ts';
import { track } from '../../support/tracking.ts';

async function linkedProject(link: string) {
  const project = await createProject({ 'images/1.png': 'one', 'images/deep/2.png': 'two', 'a.csv': 'a\n' });
  await track(await project.open(), 'images', 'a.csv');
  await project.sandbox.write({ '.mlops.yaml': `cache: { link: [${link}] }\n` });
  await project.sandbox.git('clean', '-fdxq', 'images', 'a.csv');
  await checkoutPaths(await project.open(), { targets: [], force: true, allowMissing: false });
  return project;
}

describe.each(['hardlink', 'symlink'])('unprotect, where files are a %s', (link) => {
  test('gives them bytes of their own, and leaves the objects as they are', async () => {
    const project = await linkedProject(link);
    const isLink = (path: string) => {
      const stat = lstatSync(project.sandbox.path(path));
      return stat.isSymbolicLink() || stat.nlink > 1;
    };
    expect(isLink('images/1.png')).toBe(true);
    expect(await unprotectPaths(await project.open(), { paths: ['images'], dryRun: true })).toEqual({
      unprotected: ['images/1.png', 'images/deep/2.png'],
      unchanged: 0,
    });
    expect(isLink('images/1.png')).toBe(true);
    await unprotectPaths(await project.open(), { paths: [project.sandbox.path('images')], dryRun: false });
    expect(isLink('images/1.png')).toBe(false);
    expect(isLink('a.csv')).toBe(true);
    expect((await dataStatus(await project.open(), [])).map(({ state }) => state)).toEqual(['unchanged', 'unchanged']);

    writeFileSync(project.sandbox.path('images/1.png'), 'changed');
    const cache = await (await project.open()).cache();
    for (const { digest } of cache.list()) expect(cache.isSound(digest)).toBe(true);
    expect(await unprotectPaths(await project.open(), { paths: ['images'], dryRun: false })).toEqual({
      unprotected: [],
      unchanged: 2,
    });
  });
});

test("a link of the user's own stays one, and what is not there is told", async () => {
  const project = await createProject({ 'elsewhere.csv': 'a\n' });
  symlinkSync('elsewhere.csv', project.sandbox.path('link.csv'));
  expect(await unprotectPaths(await project.open(), { paths: ['link.csv'], dryRun: false })).toEqual({
    unprotected: [],
    unchanged: 1,
  });
  expect(lstatSync(project.sandbox.path('link.csv')).isSymbolicLink()).toBe(true);
  await expect(unprotectPaths(await project.open(), { paths: ['no.csv'], dryRun: false })).rejects.toMatchObject({
    kind: 'usage',
  });
});
