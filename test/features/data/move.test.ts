import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { movePaths } from '../../../src/features/data/move.ts';
import { dataStatus } from '../../../src/features/data/status.ts';
import { createProject, type OpenedProject } from '../../support/open-project.ts';
import { track } from '../../support/tracking.ts';

async function projectWith(files: Record<string, string>, ...tracked: string[]): Promise<OpenedProject> {
  const project = await createProject(files);
  await track(await project.open(), ...tracked);
  return project;
}

const move = async (project: OpenedProject, from: string, to: string, dryRun = false) =>
  movePaths(await project.open(), { from, to, dryRun });
const tracked = async (project: OpenedProject) => Object.keys((await project.open()).readLockfile().data);

describe('move', () => {
  test('renames data, its entry and its line for Git', async () => {
    const project = await projectWith({ 'raw.csv': 'a\n' }, 'raw.csv');
    const result = await move(project, 'raw.csv', 'data/2026.csv');
    expect(result.changedFiles.toSorted()).toEqual(['.gitignore', '.mlops.lock.yaml', 'data/.gitignore']);
    expect(await tracked(project)).toEqual(['data/2026.csv']);
    expect(await project.sandbox.read('data/2026.csv')).toBe('a\n');
    expect(project.sandbox.exists('raw.csv')).toBe(false);
    expect(await project.sandbox.read('data/.gitignore')).toBe('/2026.csv\n');
    expect(await project.sandbox.read('.gitignore')).not.toContain('/raw.csv');
    expect(await dataStatus(await project.open(), [])).toMatchObject([{ path: 'data/2026.csv', state: 'unchanged' }]);
  });

  test('a folder takes data into it, and is moved whole', async () => {
    const project = await projectWith({ 'images/a/1.png': 'one', 'raw.csv': 'a' }, 'images', 'raw.csv');
    mkdirSync(project.sandbox.path('archive'));
    expect(await move(project, 'images', 'archive')).toMatchObject({ to: 'archive/images' });
    expect(await move(project, 'raw.csv', 'archive')).toMatchObject({ to: 'archive/raw.csv' });
    expect(await project.sandbox.read('archive/images/a/1.png')).toBe('one');
    expect((await dataStatus(await project.open(), [])).map(({ state }) => state)).toEqual(['unchanged', 'unchanged']);
  });

  test('never overwrites', async () => {
    const project = await projectWith({ 'raw.csv': 'a\n', 'other.csv': 'mine\n' }, 'raw.csv');
    await expect(move(project, 'raw.csv', 'other.csv')).rejects.toMatchObject({
      kind: 'refused',
      message: 'other.csv is there already, and is not overwritten.',
    });
    expect(await project.sandbox.read('other.csv')).toBe('mine\n');
    expect(await project.sandbox.read('raw.csv')).toBe('a\n');
    expect(await tracked(project)).toEqual(['raw.csv']);
  });

  test('a place that Git tracks is refused, also when nothing is there', async () => {
    const project = await projectWith({ 'raw.csv': 'a\n', 'old.csv': 'in Git\n' }, 'raw.csv');
    await project.sandbox.git('add', 'old.csv');
    rmSync(project.sandbox.path('old.csv'));
    await expect(move(project, 'raw.csv', 'old.csv')).rejects.toMatchObject({ kind: 'refused' });
    expect(await project.sandbox.read('raw.csv')).toBe('a\n');
    expect(await tracked(project)).toEqual(['raw.csv']);
  });

  test('what was killed after the rename is finished by a second call', async () => {
    const project = await projectWith({ 'raw.csv': 'a\n' }, 'raw.csv');
    renameSync(project.sandbox.path('raw.csv'), project.sandbox.path('new.csv'));
    await move(project, 'raw.csv', 'new.csv');
    expect(await tracked(project)).toEqual(['new.csv']);
    expect(await project.sandbox.read('new.csv')).toBe('a\n');
  });

  test('what was changed and not yet added moves as it is', async () => {
    const project = await projectWith({ 'raw.csv': 'a\n' }, 'raw.csv');
    await project.sandbox.write({ 'raw.csv': 'changed\n' });
    await move(project, 'raw.csv', 'new.csv');
    expect(await project.sandbox.read('new.csv')).toBe('changed\n');
    expect(await dataStatus(await project.open(), [])).toMatchObject([{ path: 'new.csv', state: 'modified' }]);
  });

  test('data that is not in the workspace moves by its entry alone', async () => {
    const project = await projectWith({ 'raw.csv': 'a\n' }, 'raw.csv');
    rmSync(project.sandbox.path('raw.csv'));
    await move(project, 'raw.csv', 'new.csv');
    expect(await tracked(project)).toEqual(['new.csv']);
    expect(await dataStatus(await project.open(), [])).toMatchObject([{ path: 'new.csv', state: 'absent' }]);
  });

  test('says which stages read the old name, and refuses places that have another owner', async () => {
    const project = await projectWith(
      {
        'raw.csv': 'a\n',
        'images/1.png': 'one',
        '.mlops.yaml': 'stages: { copy: { cmd: "cp raw.csv c.csv", deps: [raw.csv], outs: [c.csv] } }\n',
      },
      'raw.csv',
      'images',
    );
    expect(await move(project, 'raw.csv', 'new.csv', true)).toMatchObject({ readers: ['copy'], changedFiles: [] });
    expect(project.sandbox.exists('raw.csv')).toBe(true);
    for (const place of ['c.csv', 'images/raw.csv', '../raw.csv', '.mlops/raw.csv', 'raw.csv/deeper']) {
      await expect(move(project, 'raw.csv', place)).rejects.toMatchObject({ kind: 'usage' });
    }
    await expect(move(project, 'images', 'images/deeper')).rejects.toMatchObject({ kind: 'usage' });
    expect(await tracked(project)).toEqual(['images', 'raw.csv']);
  });
});
