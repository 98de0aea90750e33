import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { initProject } from '../../src/project/init.ts';
import { openProject } from '../../src/project/open.ts';
import { createFolder, createSandbox, GIT_ENV } from '../support/sandbox.ts';

const request = { git: true, subdir: false, force: false, env: GIT_ENV };
const surroundings = {
  env: {},
  now: () => new Date(0),
  report: () => undefined,
  signal: new AbortController().signal,
  waitMilliseconds: 0,
};

describe('a new project', () => {
  test('has its files staged in Git, and keeps its state and overrides out of it', async () => {
    const sandbox = await createSandbox({ '.gitignore': 'node_modules\n' });
    expect(await initProject({ ...request, cwd: sandbox.root })).toEqual({
      root: sandbox.root,
      isNew: true,
      git: true,
      files: ['.gitignore', '.mlops.yaml', '.mlopsignore'],
      staged: ['.gitignore', '.mlops.yaml', '.mlopsignore'],
    });
    expect(await sandbox.read('.mlops/.gitignore')).toBe('*\n');
    expect(await sandbox.read('.gitignore')).toBe('node_modules\n/.mlops.local.yaml\n');
    await sandbox.write({ '.mlops.local.yaml': '', '.mlops/cache/x': '' });
    expect(await sandbox.git('status', '--porcelain')).toBe('A  .gitignore\nA  .mlops.yaml\nA  .mlopsignore');
  });

  test('opens with nothing in it, though its configuration is all comments', async () => {
    const sandbox = await createSandbox();
    await initProject({ ...request, cwd: sandbox.root });
    const project = await openProject(sandbox.root, surroundings);
    expect(await project.pipeline()).toEqual({ stages: [], data: {}, metrics: [], params: [], plots: [], gates: [] });
    expect(project.readLockfile()).toEqual({ data: {}, stages: {} });
    const text = await sandbox.read('.mlops.yaml');
    expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
  });

  test('its configuration means something once the comments are taken away', async () => {
    const sandbox = await createSandbox();
    await initProject({ ...request, cwd: sandbox.root });
    const text = await sandbox.read('.mlops.yaml');
    const all = text.split('\n');
    const lines = all.slice(all.indexOf('#'));
    await sandbox.write({ '.mlops.yaml': lines.map((line) => line.replace(/^# ?/, '')).join('\n') });
    const project = await openProject(sandbox.root, surroundings);
    expect((await project.pipeline()).stages.map(({ name }) => name)).toEqual(['prepare', 'train', 'evaluate']);
    expect(project.config.remotes).toEqual({ origin: { url: 's3://bucket/prefix' } });
  });

  test('leaves the files alone that are there', async () => {
    const sandbox = await createSandbox({ '.mlopsignore': 'mine\n' });
    expect((await initProject({ ...request, cwd: sandbox.root })).files).toEqual(['.gitignore', '.mlops.yaml']);
    expect(await sandbox.read('.mlopsignore')).toBe('mine\n');
  });
});

describe('init refuses', () => {
  test('a folder that is not in Git, unless it is to have no history', async () => {
    const cwd = await createFolder();
    await expect(initProject({ ...request, cwd })).rejects.toMatchObject({
      kind: 'no-git',
      hint: expect.stringMatching(/git init.*mlops init --no-git/),
    });
    expect(await initProject({ ...request, git: false, cwd })).toMatchObject({ git: false, staged: [] });
    const project = await openProject(cwd, surroundings);
    expect(project.git).toBe(null);
  });

  test('a project that is there, unless it is to be completed', async () => {
    const sandbox = await createSandbox();
    await initProject({ ...request, cwd: sandbox.root });
    await sandbox.write({ '.mlops.yaml': 'jobs: 3\n' });
    await expect(initProject({ ...request, cwd: sandbox.root })).rejects.toMatchObject({ kind: 'refused' });
    expect(await initProject({ ...request, cwd: sandbox.root, force: true })).toMatchObject({ files: [] });
    expect(await sandbox.read('.mlops.yaml')).toBe('jobs: 3\n');
  });

  test('a folder inside a repository, unless it is said that this is meant', async () => {
    const sandbox = await createSandbox({ 'models/churn/x': '' });
    const cwd = sandbox.path('models/churn');
    await expect(initProject({ ...request, cwd })).rejects.toMatchObject({
      kind: 'usage',
      hint: expect.stringContaining('--subdir'),
    });
    expect((await initProject({ ...request, cwd, subdir: true })).staged).toHaveLength(3);
    expect(await sandbox.git('diff', '--cached', '--name-only')).toContain('models/churn/.mlops.yaml');
  });

  test('a folder inside a project without Git', async () => {
    const outer = await createFolder();
    await initProject({ ...request, git: false, cwd: outer });
    const cwd = join(outer, 'inner');
    mkdirSync(cwd);
    await expect(initProject({ ...request, git: false, cwd })).rejects.toMatchObject({ kind: 'refused' });
  });
});
