import { chmodSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { addPaths } from '../../../src/features/data/add/add.ts';
import { checkoutPaths } from '../../../src/features/data/checkout/checkout.ts';
import { type DataRow, dataStatus } from '../../../src/features/data/status.ts';
import { readTree } from '../../../src/stores/cache/trees.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { createProject, openedProject, type OpenedProject } from '../../support/open-project.ts';
import { createFolder, createSandbox } from '../../support/sandbox.ts';
import { track } from '../../support/tracking.ts';

const statusOf = async (project: OpenedProject, ...targets: string[]) => dataStatus(await project.open(), targets);
const granular = async (project: OpenedProject) => dataStatus(await project.open(), [], { granular: true });
const states = (rows: readonly DataRow[]) => Object.fromEntries(rows.map(({ path, state }) => [path, state]));

async function projectWith(files: Record<string, string>, ...tracked: string[]): Promise<OpenedProject> {
  const project = await createProject(files);
  await track(await project.open(), ...tracked);
  return project;
}

/** A second clone of a project, with the same cache and nothing of it in its workspace. */
async function cloneOf(project: OpenedProject): Promise<OpenedProject> {
  await project.sandbox.commit('data');
  const sandbox = await createSandbox();
  await sandbox.git('pull', '--quiet', project.sandbox.root, 'main');
  writeFileSync(sandbox.path('.mlops.local.yaml'), `cache: { dir: ${project.sandbox.path('.mlops/cache')} }\n`);
  return openedProject(sandbox);
}

describe('the state of tracked data', () => {
  test('is one row for each tracked path', async () => {
    const project = await projectWith({ 'data/a.txt': 'a', 'data/b.txt': 'b', 'raw.csv': 'x' }, 'data', 'raw.csv');
    expect(await statusOf(project)).toEqual([
      { path: 'data', kind: 'tree', state: 'unchanged', cached: true },
      { path: 'raw.csv', kind: 'file', state: 'unchanged', cached: true },
    ]);
    await project.sandbox.write({ 'data/a.txt': 'changed' });
    rmSync(project.sandbox.path('raw.csv'));
    expect(states(await statusOf(project))).toEqual({ data: 'modified', 'raw.csv': 'deleted' });
  });

  test('sees a change of the same size, and of the executable bit alone', async () => {
    const project = await projectWith({ 'raw.csv': 'aaa', tool: '#!' }, 'raw.csv', 'tool');
    await project.sandbox.write({ 'raw.csv': 'bbb' });
    chmodSync(project.sandbox.path('tool'), 0o755);
    expect(states(await statusOf(project))).toEqual({ 'raw.csv': 'modified', tool: 'modified' });
  });

  test('tells of what the cache lacks', async () => {
    const project = await projectWith({ 'data/a.txt': 'a', 'raw.csv': 'x' }, 'data', 'raw.csv');
    rmSync(project.sandbox.path('.mlops/cache'), { recursive: true });
    expect(await statusOf(project)).toMatchObject([
      { path: 'data', state: 'unchanged', cached: false },
      { path: 'raw.csv', state: 'unchanged', cached: false },
    ]);
  });

  test('names a folder that was never brought, when not even its list is here', async () => {
    const project = await projectWith({ 'd/x/1': '1', 'd/y/2': '2', 'd/y/3': '3' }, 'd');
    const clone = await cloneOf(project);
    await checkoutPaths(await clone.open(), { targets: ['d/x'], force: false, allowMissing: false });
    expect(states(await granular(clone))).toEqual({ d: 'absent', 'd/y/2': 'absent', 'd/y/3': 'absent' });
    const cache = await (await clone.open()).cache();
    const y = readTree(cache, (await clone.open()).readLockfile().data['d']?.digest ?? digestOf('')).find(
      ({ name }) => name === 'y',
    );
    rmSync(cache.pathOf(y?.digest ?? digestOf('')) ?? '');
    expect(await granular(clone)).toContainEqual({ path: 'd/y', kind: 'tree', state: 'absent', cached: false });
  });

  test('file by file, where it is asked for', async () => {
    const project = await projectWith({ 'data/a': '1', 'data/deep/b': '2', 'data/c': '3' }, 'data');
    await project.sandbox.write({ 'data/a': 'one', 'data/new': '4' });
    rmSync(project.sandbox.path('data/deep'), { recursive: true });
    expect(states(await granular(project))).toEqual({
      data: 'modified',
      'data/a': 'modified',
      'data/deep/b': 'deleted',
      'data/new': 'added',
    });
  });

  test('of a part, when a target names one', async () => {
    const project = await projectWith({ 'data/a': '1', 'data/b': '2' }, 'data');
    await project.sandbox.write({ 'data/a': 'one' });
    expect(states(await statusOf(project, 'data/b'))).toEqual({ 'data/b': 'unchanged' });
    expect(states(await statusOf(project, 'data/a'))).toEqual({ 'data/a': 'modified' });
    await expect(statusOf(project, 'data/x')).rejects.toMatchObject({ kind: 'usage' });
  });

  test('is unknown where something cannot be read, and says why', async () => {
    const project = await projectWith({ 'data/a': '1', 'raw.csv': 'x' }, 'data', 'raw.csv');
    symlinkSync('/nowhere/at/all', project.sandbox.path('data/link'));
    expect(states(await statusOf(project))).toEqual({ data: 'unknown', 'raw.csv': 'unchanged' });
    expect(project.events).toContainEqual(
      expect.objectContaining({ type: 'warning', message: expect.stringContaining('data/link is a symbolic link') }),
    );
  });

  test('is the same without an index, and with a damaged one', async () => {
    const project = await projectWith({ 'data/a': '1' }, 'data');
    rmSync(project.sandbox.path('.mlops/index'));
    expect(states(await statusOf(project))).toEqual({ data: 'unchanged' });
    writeFileSync(project.sandbox.path('.mlops/index'), 'not an index');
    expect(states(await statusOf(project))).toEqual({ data: 'unchanged' });
  });
});

describe('what was never in this clone', () => {
  test('is absent, not deleted; what was there and is gone is deleted', async () => {
    const origin = await projectWith({ 'data/a': '1', 'data/b': '2', 'raw.csv': 'x' }, 'data', 'raw.csv');
    const clone = await cloneOf(origin);
    expect(states(await statusOf(clone))).toEqual({ data: 'absent', 'raw.csv': 'absent' });
    await checkoutPaths(await clone.open(), { targets: ['raw.csv'], force: false, allowMissing: false });
    rmSync(clone.sandbox.path('raw.csv'));
    expect(states(await statusOf(clone))).toEqual({ data: 'absent', 'raw.csv': 'deleted' });
  });

  test('is still part of a part of a folder', async () => {
    const origin = await projectWith({ 'data/a/1': '1', 'data/a/2': '2', 'data/b/3': '3' }, 'data');
    const clone = await cloneOf(origin);
    await checkoutPaths(await clone.open(), { targets: ['data/a/1'], force: false, allowMissing: false });
    expect(states(await dataStatus(await clone.open(), ['data/a']))).toEqual({ 'data/a': 'absent' });
    await clone.sandbox.write({ 'data/a/1': 'one' });
    const { added } = await addPaths(await clone.open(), { paths: ['data/a'], force: false, dryRun: false });
    expect(added).toMatchObject([{ path: 'data/a', files: 2 }]);
    await checkoutPaths(await clone.open(), { targets: [], force: false, allowMissing: false });
    expect(await clone.sandbox.read('data/a/1')).toBe('one');
    expect(await clone.sandbox.read('data/a/2')).toBe('2');
  });

  test('is still part of a folder that is named before anything of it was brought', async () => {
    const origin = await projectWith({ 'data/a/1': '1', 'data/a/2': '2', 'data/b/3': '3' }, 'data');
    const clone = await cloneOf(origin);
    await clone.sandbox.write({ 'data/a/2': 'two', 'data/new': 'n' });
    expect(states(await granular(clone))).toMatchObject({
      data: 'modified',
      'data/a/1': 'absent',
      'data/b/3': 'absent',
    });
    const add = async () => addPaths(await clone.open(), { paths: ['data'], force: false, dryRun: false });
    expect((await add()).added).toMatchObject([{ path: 'data', files: 4 }]);
    expect(states(await statusOf(clone))).toEqual({ data: 'absent' });
    await checkoutPaths(await clone.open(), { targets: [], force: false, allowMissing: false });
    expect(await clone.sandbox.read('data/a/2')).toBe('two');
    expect(await clone.sandbox.read('data/b/3')).toBe('3');

    // What was here is gone when it is gone.
    rmSync(clone.sandbox.path('data/b'), { recursive: true });
    expect((await add()).added).toMatchObject([{ path: 'data', files: 3 }]);
  });

  test('is not given up where nobody knows what it is', async () => {
    const origin = await projectWith({ 'data/a': '1', 'data/b': '2' }, 'data');
    const clone = await cloneOf(origin);
    rmSync(clone.sandbox.path('.mlops.local.yaml'));
    await clone.sandbox.write({ 'data/new': 'n' });
    const before = await clone.sandbox.read('.mlops.lock.yaml');
    for (const dryRun of [true, false]) {
      await expect(addPaths(await clone.open(), { paths: ['data'], force: false, dryRun })).rejects.toMatchObject({
        kind: 'data-missing',
        hint: 'mlops fetch data; or begin anew: mlops remove data && mlops add data',
      });
    }
    expect(await clone.sandbox.read('.mlops.lock.yaml')).toBe(before);
    // Nor would a checkout take what was refused for kept, and delete it.
    expect([...(await (await clone.open()).cache()).list()]).toEqual([]);

    // The whole of it needs no list.
    rmSync(clone.sandbox.path('data/new'));
    await clone.sandbox.write({ 'data/a': '1', 'data/b': '2' });
    expect(await addPaths(await clone.open(), { paths: ['data'], force: false, dryRun: false })).toMatchObject({
      added: [],
      unchanged: ['data'],
    });
    expect(await statusOf(clone)).toMatchObject([{ path: 'data', state: 'unchanged', cached: true }]);
  });

  test('and what is new in a folder can be asked about by name', async () => {
    const project = await projectWith({ 'data/a': '1' }, 'data');
    await project.sandbox.write({ 'data/new': 'n', 'data/more/x': 'x' });
    expect(await dataStatus(await project.open(), ['data/new', 'data/more'])).toEqual([
      { path: 'data/new', kind: 'file', state: 'added', cached: null },
      { path: 'data/more', kind: 'tree', state: 'added', cached: null },
    ]);
    await expect(dataStatus(await project.open(), ['data/no'])).rejects.toMatchObject({ kind: 'usage' });
  });

  test('is still part of a folder of which only a part was brought', async () => {
    const origin = await projectWith({ 'data/a/1': '1', 'data/a/2': '2', 'data/b/3': '3' }, 'data');
    const clone = await cloneOf(origin);
    await checkoutPaths(await clone.open(), { targets: ['data/a'], force: false, allowMissing: false });
    expect(states(await statusOf(clone))).toEqual({ data: 'absent' });
    expect(states(await granular(clone))).toEqual({ data: 'absent', 'data/b/3': 'absent' });

    rmSync(clone.sandbox.path('data/a/1'));
    await clone.sandbox.write({ 'data/a/new': 'n' });
    expect(states(await granular(clone))).toEqual({
      data: 'modified',
      'data/a/1': 'deleted',
      'data/a/new': 'added',
      'data/b/3': 'absent',
    });
    const { added } = await addPaths(await clone.open(), { paths: ['data'], force: false, dryRun: false });
    expect(added).toMatchObject([{ path: 'data', files: 3 }]);
    await checkoutPaths(await clone.open(), { targets: [], force: false, allowMissing: false });
    expect(clone.sandbox.exists('data/b/3')).toBe(true);
    expect(states(await granular(clone))).toEqual({ data: 'unchanged' });
  });
});

test('a project on a cache that is not there yet has a status', async () => {
  const project = await projectWith({ 'raw.csv': 'x' }, 'raw.csv');
  const elsewhere = await createFolder();
  await project.sandbox.write({ '.mlops.local.yaml': `cache: { dir: ${elsewhere}/later }\n` });
  expect(await statusOf(project)).toMatchObject([{ state: 'unchanged', cached: false }]);
});
