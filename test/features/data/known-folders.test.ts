import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { addPaths } from '../../../src/features/data/add/add.ts';
import { dataStatus } from '../../../src/features/data/status.ts';
import { createProject, type OpenedProject } from '../../support/open-project.ts';
import { track } from '../../support/tracking.ts';

const FILES = { 'data/a.txt': 'a', 'data/b.txt': 'b', 'data/deep/c.txt': 'c', 'data/deep/down/d.txt': 'd' };

/** A project whose folders the index knows: a second look has nothing to read and nothing to list. */
async function projectWith(files: Record<string, string> = FILES): Promise<OpenedProject> {
  const project = await createProject(files);
  await track(await project.open(), 'data');
  await statesOf(project);
  return project;
}

async function statesOf(project: OpenedProject): Promise<Record<string, string>> {
  const rows = await dataStatus(await project.open(), [], { granular: true });
  return Object.fromEntries(rows.map(({ path, state }) => [path, state]));
}

const add = async (project: OpenedProject) =>
  addPaths(await project.open(), { paths: ['data'], force: false, dryRun: false });

describe('a folder that the index knows', () => {
  test('is unchanged, and says so again', async () => {
    const project = await projectWith();
    expect(await statesOf(project)).toEqual({ data: 'unchanged' });
    expect((await add(project)).unchanged).toEqual(['data']);
  });

  test('tells of new, changed and vanished names at any depth', async () => {
    const project = await projectWith();
    await project.sandbox.write({ 'data/deep/down/new.txt': 'n', 'data/b.txt': 'B' });
    rmSync(project.sandbox.path('data/deep/c.txt'));
    const states = {
      data: 'modified',
      'data/b.txt': 'modified',
      'data/deep/c.txt': 'deleted',
      'data/deep/down/new.txt': 'added',
    };
    expect(await statesOf(project)).toEqual(states);
    expect(await statesOf(project)).toEqual(states);
    expect((await add(project)).added).toMatchObject([{ path: 'data', files: 4 }]);
    expect(await statesOf(project)).toEqual({ data: 'unchanged' });
  });

  test('is looked at again when its time was set back after a name came', async () => {
    const project = await projectWith();
    const folder = project.sandbox.path('data/deep');
    const { atime, mtime } = statSync(folder);
    await project.sandbox.write({ 'data/deep/new.txt': 'n' });
    utimesSync(folder, atime, mtime);
    expect(await statesOf(project)).toMatchObject({ data: 'modified', 'data/deep/new.txt': 'added' });
  });

  test('is looked at again when ignore rules change, above it or in it, also in place', async () => {
    const project = await projectWith({ ...FILES, 'data/deep/.mlopsignore': '# none\n' });
    await project.sandbox.write({ '.mlopsignore': 'a.txt\n' });
    expect(await statesOf(project)).toMatchObject({ data: 'modified', 'data/a.txt': 'deleted' });
    rmSync(project.sandbox.path('.mlopsignore'));
    expect(await statesOf(project)).toEqual({ data: 'unchanged' });
    await project.sandbox.write({ 'data/deep/.mlopsignore': 'c.txt\n' });
    expect(await statesOf(project)).toMatchObject({ data: 'modified', 'data/deep/c.txt': 'deleted' });
  });

  test('that was exchanged for another one is listed', async () => {
    const project = await projectWith();
    renameSync(project.sandbox.path('data/deep'), project.sandbox.path('aside'));
    mkdirSync(project.sandbox.path('data/deep'));
    await project.sandbox.write({ 'data/deep/c.txt': 'c' });
    expect(await statesOf(project)).toMatchObject({ data: 'modified', 'data/deep/down/d.txt': 'deleted' });
    rmSync(project.sandbox.path('data/deep'), { recursive: true });
    symlinkSync('../aside', project.sandbox.path('data/deep'));
    expect((await dataStatus(await project.open(), []))[0]?.state).toBe('unknown');
  });

  test('sees an executable bit, and a file that became a folder', async () => {
    const project = await projectWith();
    chmodSync(project.sandbox.path('data/a.txt'), 0o755);
    rmSync(project.sandbox.path('data/b.txt'));
    await project.sandbox.write({ 'data/b.txt/inner': 'i' });
    expect(await statesOf(project)).toMatchObject({ 'data/a.txt': 'modified', 'data/b.txt/inner': 'added' });
  });

  test('with links is judged by where the look began', async () => {
    const project = await projectWith({ ...FILES });
    symlinkSync('../a.txt', project.sandbox.path('data/deep/link'));
    await add(project);
    expect(await statesOf(project)).toEqual({ data: 'unchanged' });
    expect(await statesOf(project)).toEqual({ data: 'unchanged' });
  });

  test('is put into the cache again when that has lost it', async () => {
    const project = await projectWith();
    const objects = project.sandbox.path('.mlops/cache/v1');
    rmSync(objects, { recursive: true });
    expect(await dataStatus(await project.open(), [])).toMatchObject([{ state: 'unchanged', cached: false }]);
    expect((await add(project)).unchanged).toEqual(['data']);
    expect(await dataStatus(await project.open(), [])).toMatchObject([{ state: 'unchanged', cached: true }]);
    expect(readdirSync(objects)).toContain('objects');
  });
});
