import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkoutPaths } from '../../../src/features/data/checkout/checkout.ts';
import { removePaths, type RemoveRequest } from '../../../src/features/data/remove.ts';
import { createProject, type OpenedProject } from '../../support/open-project.ts';
import { track } from '../../support/tracking.ts';

async function projectWith(files: Record<string, string>, ...tracked: string[]): Promise<OpenedProject> {
  const project = await createProject(files);
  await track(await project.open(), ...tracked);
  return project;
}

const remove = async (project: OpenedProject, paths: string[], more: Partial<RemoveRequest> = {}) =>
  removePaths(await project.open(), { paths, outs: false, force: false, dryRun: false, ...more });

describe('remove', () => {
  test('takes away the entry and the line for Git, and leaves the data, also at the next checkout', async () => {
    const project = await projectWith(
      { 'data/raw.csv': 'a\n', 'data/kept.csv': 'k\n' },
      'data/raw.csv',
      'data/kept.csv',
    );
    const result = await remove(project, ['data/raw.csv']);
    expect(result.removed.map(({ path }) => path)).toEqual(['data/raw.csv']);
    expect(result).toMatchObject({ deleted: [], changedFiles: ['.mlops.lock.yaml', 'data/.gitignore'] });
    expect(Object.keys((await project.open()).readLockfile().data)).toEqual(['data/kept.csv']);
    expect(await project.sandbox.read('data/.gitignore')).toBe('/kept.csv\n');
    await checkoutPaths(await project.open(), { targets: [], force: false, allowMissing: false });
    expect(await project.sandbox.read('data/raw.csv')).toBe('a\n');
  });

  test('with the data deletes what is in the cache, folders too', async () => {
    const project = await projectWith({ 'images/1.png': 'one', 'images/deep/2.png': 'two' }, 'images');
    expect((await remove(project, ['images'], { outs: true })).deleted).toEqual(['images/1.png', 'images/deep/2.png']);
    expect(project.sandbox.exists('images')).toBe(false);
    expect((await project.open()).readLockfile().data).toEqual({});
    expect(project.sandbox.exists('.gitignore')).toBe(true);
  });

  test('never deletes bytes that are nowhere else, unless forced; then nothing at all has changed', async () => {
    const project = await projectWith({ 'a.csv': 'a\n', 'images/1.png': 'one' }, 'a.csv', 'images');
    await project.sandbox.write({ 'images/new.png': 'new' });
    const refusal = { kind: 'refused', message: 'images/new.png is not deleted: its bytes are not in the cache.' };
    await expect(remove(project, ['a.csv', 'images'], { outs: true })).rejects.toMatchObject(refusal);
    expect(project.sandbox.exists('a.csv')).toBe(true);
    expect(project.sandbox.exists('images/1.png')).toBe(true);
    expect(Object.keys((await project.open()).readLockfile().data)).toEqual(['a.csv', 'images']);
    await remove(project, ['images'], { outs: true, force: true });
    expect(project.sandbox.exists('images')).toBe(false);
  });

  test('an object that is damaged is no copy', async () => {
    const project = await projectWith({ 'a.csv': 'a\n' }, 'a.csv');
    const [object] = [...(await (await project.open()).cache()).list()];
    const path = object === undefined ? undefined : (await (await project.open()).cache()).pathOf(object.digest);
    if (path !== undefined) {
      rmSync(path);
      await project.sandbox.write({ [path.slice(project.sandbox.root.length + 1)]: 'b\n' });
    }
    await expect(remove(project, ['a.csv'], { outs: true })).rejects.toMatchObject({ kind: 'refused' });
    expect(await project.sandbox.read('a.csv')).toBe('a\n');
    expect(Object.keys((await project.open()).readLockfile().data)).toEqual(['a.csv']);
  });

  test('in a dry run says the same and does nothing', async () => {
    const project = await projectWith({ 'a.csv': 'a\n' }, 'a.csv');
    const told = await remove(project, ['a.csv'], { outs: true, dryRun: true });
    expect(told).toMatchObject({ removed: [{ path: 'a.csv', size: 2, files: null }], deleted: ['a.csv'] });
    expect(project.sandbox.exists('a.csv')).toBe(true);
    expect(Object.keys((await project.open()).readLockfile().data)).toEqual(['a.csv']);
  });

  test('takes patterns, and says what a path is that is not tracked by itself', async () => {
    const project = await projectWith(
      {
        'a.csv': 'a',
        'b.csv': 'b',
        'images/1.png': 'one',
        '.mlops.yaml': 'stages: { copy: { cmd: "cp a.csv c.csv", outs: [c.csv] } }\n',
      },
      'a.csv',
      'b.csv',
      'images',
    );
    expect((await remove(project, ['*.csv'], { dryRun: true })).removed.map(({ path }) => path)).toEqual([
      'a.csv',
      'b.csv',
    ]);
    const usage = (message: string) => ({ kind: 'usage', message });
    await expect(remove(project, ['c.csv'])).rejects.toMatchObject(
      usage('c.csv belongs to the stage "copy", and is no data that add tracks.'),
    );
    await expect(remove(project, ['images/1.png'])).rejects.toMatchObject(
      usage('images/1.png is a part of the tracked folder images.'),
    );
    await expect(remove(project, ['a.cvs'])).rejects.toMatchObject(
      usage('a.cvs is not tracked; did you mean "a.csv"?'),
    );
  });
});
