import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planGc, removeGarbage } from '../../../src/features/data/gc/gc.ts';
import { whileCollecting } from '../../../src/stores/cache/collection.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { createProject } from '../../support/open-project.ts';
import { createFolder } from '../../support/sandbox.ts';
import { track } from '../../support/tracking.ts';

const NOTHING = { allBranches: false, allTags: false, allCommits: false, revs: [], since: null, skipRevs: [] };
const REQUEST = { scope: NOTHING, graceMilliseconds: 3600 * 1000, projects: [], forget: [] };
const TOMORROW = { now: () => new Date(Date.now() + 24 * 3600 * 1000) };

async function projectWithTwoVersions() {
  const project = await createProject();
  for (const text of ['one', 'two']) {
    await project.sandbox.write({ 'raw.csv': text });
    await track(await project.open(), 'raw.csv');
    await project.sandbox.commit(text);
  }
  return project;
}

test('a shallow clone does not know what older commits need: only the workspace and named revisions tell', async () => {
  const project = await projectWithTwoVersions();
  const clone = join(await createFolder(), 'clone');
  await project.sandbox.git('clone', '-q', '--depth', '1', `file://${project.sandbox.root}`, clone);
  const opened = await project.open(TOMORROW, clone);
  for (const scope of [{ allBranches: true }, { allTags: true }, { allCommits: true }, { since: '2020-01-01' }]) {
    await expect(planGc(opened, { ...REQUEST, scope: { ...NOTHING, ...scope } })).rejects.toMatchObject({
      kind: 'refused',
      hint: 'git fetch --unshallow',
    });
  }
  expect(await planGc(opened, { ...REQUEST, scope: { ...NOTHING, revs: ['HEAD'] } })).toMatchObject({ garbage: [] });
});

test('one collection waits for another, or says who is at it', async () => {
  const project = await projectWithTwoVersions();
  const collect = async (waitMilliseconds: number | null) => {
    const opened = await project.open({ ...TOMORROW, waitMilliseconds });
    return removeGarbage(opened, await planGc(opened, REQUEST), REQUEST);
  };
  const cache = await (await project.open()).cache();
  await whileCollecting(cache, await project.open(), async () => {
    await expect(collect(0)).rejects.toMatchObject({ kind: 'busy' });
    expect(cache.has(digestOf('one'))).toBe(true);
  });
  const results = await Promise.all([collect(null), collect(null), collect(null), collect(null)]);
  expect(results.reduce((sum, { removed }) => sum + removed, 0)).toBe(1);
  expect(results.map(({ kept }) => kept)).toEqual([1, 1, 1, 1]);
  expect(existsSync(join(cache.dir, 'v1', 'collecting'))).toBe(false);
});
