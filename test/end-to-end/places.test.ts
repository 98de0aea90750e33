import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { AddResult } from '../../src/features/data/add/add.ts';
import type { CheckoutResult } from '../../src/features/data/checkout/checkout.ts';
import type { DiffResult } from '../../src/features/data/diff.ts';
import type { StatusResult } from '../../src/features/pipeline/status.ts';
import { createCliProject } from '../support/cli-project.ts';
import { runMlops } from '../support/run-mlops.ts';
import { createFolder, createSandbox, GIT_ENV } from '../support/sandbox.ts';

const run = promisify(execFile);

/** A folder that is worked in: commands typed there, and Git. */
function at(cwd: string) {
  const mlops = (...argv: string[]) => runMlops({ cwd }, ...argv);
  const git = async (...args: string[]) => (await run('git', args, { cwd, env: GIT_ENV })).stdout.trim();
  const json = async <T>(...argv: string[]) => (await mlops(...argv, '--json')).json<T>();
  const commit = async (message: string) => {
    await git('add', '-A');
    await git('commit', '-q', '-m', message);
  };
  const write = (path: string, text: string) => {
    mkdirSync(join(cwd, path, '..'), { recursive: true });
    writeFileSync(join(cwd, path), text);
  };
  const read = (path: string) => readFileSync(join(cwd, path), 'utf8');
  return { cwd, mlops, git, json, commit, write, read };
}

type Place = ReturnType<typeof at>;

/** All that one does with data, in a place that has `data/a.csv` (one) and `data/deep/b.csv` checked out and committed. */
async function expectDataCommandsWork(place: Place): Promise<void> {
  const { mlops, json, commit, write, read, git } = place;
  expect(await json<StatusResult>('status')).toMatchObject({
    clean: true,
    data: [{ path: 'data', state: 'unchanged' }],
  });
  write('data/a.csv', 'two');
  write('own.csv', 'own');
  expect((await json<DiffResult>('diff')).modified.map(({ path }) => path)).toEqual(['data/a.csv']);
  expect((await mlops('status', '--check')).exitCode).toBe(9);
  const added = await json<AddResult>('add', 'data/a.csv', 'own.csv');
  expect(added.added.map(({ path }) => path)).toEqual(['data/a.csv', 'own.csv']);
  await commit('two');
  expect(await git('status', '--porcelain')).toBe('');
  expect((await mlops('cat', 'data/a.csv', '--rev', 'HEAD~1')).out).toBe('one');
  expect(await json<CheckoutResult>('checkout', '--rev', 'HEAD~1')).toMatchObject({
    modified: ['data/a.csv'],
    deleted: ['own.csv'],
    kept: [],
    failed: [],
  });
  expect(read('data/a.csv')).toBe('one');
  expect(await json<CheckoutResult>('checkout')).toMatchObject({ added: ['own.csv'], modified: ['data/a.csv'] });
  expect((await mlops('move', 'own.csv', 'data2/own.csv')).exitCode).toBe(0);
  expect((await json<{ entries: { path: string }[] }>('ls', 'data2')).entries.map(({ path }) => path)).toContain(
    'data2/own.csv',
  );
  expect((await mlops('remove', '--outs', 'data2/own.csv')).exitCode).toBe(0);
  expect((await mlops('du', 'data')).exitCode).toBe(0);
  expect(await json<StatusResult>('status')).toMatchObject({ clean: true });
  expect(await git('status', '--porcelain', '--', 'data')).toBe('');
}

async function withData(): Promise<Place> {
  const project = await createCliProject({ 'data/a.csv': 'one', 'data/deep/b.csv': 'b' });
  await project.mlops('add', 'data');
  await project.commit('one');
  return at(project.root);
}

describe('the data commands work', () => {
  test('in a linked worktree, on the cache of the main one', async () => {
    const main = await withData();
    const folder = join(await createFolder(), 'side');
    await main.git('worktree', 'add', '-q', folder, '-b', 'side');
    const side = at(folder);
    expect(await side.json('status')).toMatchObject({ data: [{ path: 'data', state: 'absent', cached: true }] });
    expect((await side.mlops('checkout')).exitCode).toBe(0);
    await expectDataCommandsWork(side);
    expect(existsSync(join(folder, '.mlops/cache'))).toBe(false);
    expect(await main.json('status')).toMatchObject({ clean: true });
    expect(main.read('data/a.csv')).toBe('one');
    await main.git('merge', '-q', 'side');
    expect((await main.mlops('checkout')).exitCode).toBe(0);
    expect(main.read('data/a.csv')).toBe('two');
  });

  test('in a submodule, where .git is a file', async () => {
    const inner = await withData();
    const remote = await createFolder();
    await inner.mlops('remote', 'add', '-d', 'origin', remote);
    await inner.commit('remote');
    await inner.mlops('push');
    const outer = await createSandbox({ 'readme.md': 'outer' });
    await outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.cwd, 'part');
    await outer.commit('with a part');
    const part = at(outer.path('part'));
    expect(readFileSync(outer.path('part/.git'), 'utf8')).toContain('gitdir:');
    expect((await part.mlops('pull')).exitCode).toBe(0);
    await expectDataCommandsWork(part);
    expect(await outer.git('status', '--porcelain')).toBe('M part');
  });

  test('in a shallow clone, which says how to get what it lacks', async () => {
    const origin = await withData();
    await origin.mlops('remote', 'add', '-d', 'origin', await createFolder());
    await origin.commit('remote');
    await origin.mlops('push');
    const folder = join(await createFolder(), 'clone');
    await origin.git('clone', '-q', '--depth', '1', `file://${origin.cwd}`, folder);
    const clone = at(folder);
    expect((await clone.mlops('pull')).exitCode).toBe(0);
    for (const command of [
      ['diff', 'HEAD~1'],
      ['cat', '--rev', 'HEAD~1', 'data/a.csv'],
      ['checkout', '--rev', 'HEAD~1'],
    ]) {
      const lacking = await clone.mlops(...command);
      expect(lacking.exitCode).toBe(2);
      expect(lacking.err).toContain('git fetch --unshallow');
    }
    await expectDataCommandsWork(clone);
  });

  test('in a sub-folder of a repository, beside another project, each for itself', async () => {
    const repository = await createSandbox({ 'readme.md': 'two projects' });
    const [a, b] = ['models/a', 'models/b'].map((folder) => {
      mkdirSync(repository.path(folder), { recursive: true });
      return at(repository.path(folder));
    }) as [Place, Place];
    for (const place of [a, b]) {
      expect((await place.mlops('init', '--subdir')).exitCode).toBe(0);
      place.write('data/a.csv', 'one');
      place.write('data/deep/b.csv', `of ${place.cwd}`);
      expect((await place.mlops('add', 'data')).exitCode).toBe(0);
    }
    await repository.commit('one');
    expect(await repository.git('ls-files', 'models/a')).not.toContain('a.csv');
    await expectDataCommandsWork(a);
    expect(await b.json('status')).toMatchObject({ clean: true, data: [{ path: 'data', state: 'unchanged' }] });
    expect(b.read('data/a.csv')).toBe('one');
    const foreign = await b.mlops('add', '../a/data/a.csv');
    expect(foreign).toMatchObject({ exitCode: 2, err: expect.stringContaining('outside the project') });
    expect((await at(repository.root).mlops('status')).exitCode).toBe(7);
    await expectDataCommandsWork(b);
  });

  test('in a folder below the root, with paths as they are seen from there', async () => {
    const project = await withData();
    const below = at(join(project.cwd, 'data/deep'));
    below.write('b.csv', 'changed');
    expect((await below.mlops('status', '--granular')).out).toContain('modified:  b.csv');
    expect((await below.mlops('checkout', '-f', '.')).out).toContain('modified  b.csv');
    expect(below.read('b.csv')).toBe('b');
    expect((await below.mlops('cat', '../a.csv')).out).toBe('one');
    expect((await below.mlops('ls')).out).toBe('b.csv\n');
    below.write('../../more.csv', 'more');
    expect((await below.mlops('add', '../../more.csv')).out).toContain(
      '  git add ../../.gitignore ../../.mlops.lock.yaml',
    );
  });
});
