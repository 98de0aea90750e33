import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TransferResult } from '../../../src/features/data/transfer/transfer.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { createCliProject } from '../../support/cli-project.ts';
import { createFolder } from '../../support/sandbox.ts';
import { shapeOf } from './shapes.ts';

async function createProject(files: Record<string, string> = {}) {
  return { ...(await createCliProject(files)), remote: await createFolder() };
}

/** Where the cache of a project keeps the object of a text. */
function objectPath({ path }: { path: (path: string) => string }, text: string): string {
  const hex = digestOf(text).slice('blake3:'.length);
  return path(`.mlops/cache/v1/objects/${hex.slice(0, 2)}/${hex.slice(2)}`);
}

describe('remote', () => {
  test('add says where it was written; list shows all of them', async () => {
    const { mlops, remote } = await createProject();
    expect((await mlops('remote', 'list')).out).toBe(
      'There are no remotes. Add one: mlops remote add -d origin <url>\n',
    );
    expect((await mlops('remote', 'add', '-d', 'origin', 's3://team/iris', '--region', 'eu-west-1')).out).toBe(
      'Added remote origin (s3://team/iris) to .mlops.yaml; it is the default one.\n',
    );
    expect((await mlops('remote', 'add', 'archive', remote, '--local')).out).toBe(
      `Added remote archive (${remote}) to .mlops.local.yaml.\n`,
    );
    const [heading, ...rows] = (await mlops('remote', 'list')).out.trim().split('\n');
    expect(heading).toBe('remote   url');
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['archive', remote],
      ['origin', 's3://team/iris', 'default'],
    ]);
    expect(shapeOf((await mlops('remote', 'list', '--json')).json())).toEqual({
      remotes: [{ name: 'string', url: 'string', isDefault: 'boolean', origin: 'string' }],
    });
  });

  test('a name that is taken is refused until --force; a kind that is not known is a mistake', async () => {
    const { mlops } = await createProject();
    await mlops('remote', 'add', 'origin', 's3://first/data');
    expect((await mlops('remote', 'add', 'origin', 's3://second/data')).exitCode).toBe(8);
    expect((await mlops('remote', 'add', '-f', 'origin', 's3://second/data')).exitCode).toBe(0);
    expect((await mlops('remote', 'add', 'other', 'gopher://a')).exitCode).toBe(2);
  });
});

describe('push, fetch and pull', () => {
  test('--glob takes targets for patterns, and a pattern that matches nothing is a mistake', async () => {
    const project = await createProject({ 'd/a.csv': 'a', 'd/deep/b.csv': 'b', 'd/c.txt': 'c', 'x.csv': 'x' });
    await project.mlops('remote', 'add', '-d', 'origin', project.remote);
    await project.mlops('add', 'd', 'x.csv');
    const push = (...args: string[]) => project.mlops('push', '--json', '-n', ...args);
    const paths = async (...args: string[]) => (await push(...args)).json<TransferResult>().paths;
    expect(await paths('--glob', '*.csv')).toEqual(['x.csv']);
    expect(await paths('--glob', 'd/**/*.csv')).toEqual(['d/a.csv', 'd/deep/b.csv']);
    for (const pattern of ['*.tsv', 'd/*.tsv']) {
      for (const command of ['push', 'fetch', 'pull']) {
        const refused = await project.mlops(command, '--glob', pattern);
        expect(refused.exitCode).toBe(2);
        expect(refused.err).toContain('*.tsv');
      }
    }
    await project.mlops('push');
    await project.write({ 'd/c.txt': 'edited', 'd/new.txt': 'new', 'd/a.csv': 'edited' });
    expect((await project.mlops('checkout', '--force', 'd/**/*.csv')).exitCode).toBe(0);
    expect([await project.read('d/a.csv'), await project.read('d/c.txt')]).toEqual(['a', 'edited']);
    expect(project.exists('d/new.txt')).toBe(true);
    rmSync(project.path('.mlops/cache'), { recursive: true });
    rmSync(project.path('d'), { recursive: true });
    expect((await project.mlops('pull', '--glob', 'd/**/*.csv')).exitCode).toBe(0);
    expect([project.exists('d/deep/b.csv'), project.exists('d/c.txt')]).toEqual([true, false]);
  });

  test('a dry run says objects, bytes and requests, and the real one needs as many', async () => {
    const project = await createProject({ 'a.csv': 'a', 'b.csv': 'bc' });
    await project.mlops('remote', 'add', '-d', 'origin', project.remote);
    await project.mlops('add', 'a.csv', 'b.csv');
    const { requests } = (await project.mlops('push', '-n', '--json')).json<TransferResult>();
    expect((await project.mlops('push', '-n')).out).toContain(
      `Would push 2 objects (3 B) to origin in ${requests} requests.`,
    );
    expect((await project.mlops('push', '--json')).json()).toMatchObject({ objects: 2, requests });
    rmSync(project.path('.mlops/cache'), { recursive: true });
    const fetch = (await project.mlops('fetch', '-n', '--json')).json<TransferResult>();
    expect((await project.mlops('fetch', '-n')).out).toContain(
      `Would fetch 2 objects (3 B) from origin in ${fetch.requests} requests.`,
    );
    expect((await project.mlops('fetch', '--json')).json()).toMatchObject({ objects: 2, requests: fetch.requests });
  });

  test('a file of a folder that only some commits have is fetched from those; one that none has is a mistake', async () => {
    const project = await createProject({ 'd/a.csv': 'a' });
    await project.mlops('remote', 'add', '-d', 'origin', project.remote);
    await project.mlops('add', 'd');
    await project.commit('without');
    await project.write({ 'd/late.csv': 'late' });
    await project.mlops('add', 'd');
    await project.commit('with');
    expect((await project.mlops('push', 'd/late.csv', '--all-commits')).exitCode).toBe(0);
    expect((await project.mlops('push', 'd/never.csv', '--all-commits')).exitCode).toBe(2);
  });

  test('pull as a dry run says what the real one would do to the workspace, with its exit code', async () => {
    const project = await createProject({
      'd/same.txt': 'same',
      'd/old.txt': 'old',
      'd/gone.txt': 'gone',
      'e.csv': 'e',
    });
    await project.mlops('remote', 'add', '-d', 'origin', project.remote);
    await project.mlops('add', 'd', 'e.csv');
    await project.mlops('push');
    const lockfile = await project.read('.mlops.lock.yaml');
    await project.write({ 'd/old.txt': 'newer', 'd/more.txt': 'more' });
    rmSync(project.path('d/gone.txt'));
    await project.mlops('add', 'd');
    await project.write({ '.mlops.lock.yaml': lockfile, 'e.csv': 'edited' });
    const unpushed = ['newer', 'more'].map((text) => objectPath(project, text));
    const kept = unpushed.map((path) => readFileSync(path));
    rmSync(project.path('.mlops/cache'), { recursive: true });
    for (const [at, path] of unpushed.entries()) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, kept[at] ?? '');
    }
    const dry = await project.mlops('pull', '-n', '--json');
    expect(dry.exitCode).toBe(8);
    expect(dry.json()).toMatchObject({
      objects: 5,
      failed: [],
      checkout: {
        added: ['d/gone.txt'],
        modified: ['d/old.txt'],
        deleted: ['d/more.txt'],
        kept: ['e.csv'],
        failed: [],
      },
    });
    const shown = await project.mlops('pull', '-n');
    expect(shown.out).toContain('3 files would be changed in the workspace:');
    expect(shown.exitCode).toBe(8);
    expect(await project.read('d/old.txt')).toBe('newer');
    const forced = await project.mlops('pull', '-n', '-f', '--json');
    expect(forced.exitCode).toBe(0);
    expect(forced.json()).toMatchObject({ checkout: { modified: ['d/old.txt', 'e.csv'], kept: [] } });
    const real = await project.mlops('pull', '--json');
    expect(real.exitCode).toBe(8);
    expect(real.json<TransferResult>().checkout).toEqual(dry.json<TransferResult>().checkout);
  });

  test('repeat the remote that was named in what they say to do', async () => {
    const project = await createProject({ 'a.csv': 'a\n' });
    await project.mlops('remote', 'add', '-d', 'origin', project.remote);
    await project.mlops('remote', 'add', 'archive', await createFolder());
    await project.mlops('add', 'a.csv');
    await project.mlops('push');
    expect((await project.mlops('status', '-r', 'archive')).out).toContain('(mlops push -r archive brings it there)');
    rmSync(project.path('.mlops/cache'), { recursive: true });
    for (const command of ['fetch', 'pull']) {
      expect((await project.mlops(command, '-r', 'archive')).err).toContain(
        'hint: Push it where it is: mlops push -r archive\n',
      );
      expect((await project.mlops(command, '-r', 'archive')).exitCode).toBe(4);
    }
  });

  test('say what they moved, and a line when there was nothing to move', async () => {
    const project = await createProject({ 'a.csv': 'a\n', 'images/1.png': 'one' });
    await project.mlops('remote', 'add', '-d', 'origin', project.remote);
    await project.mlops('add', 'a.csv', 'images');

    expect((await project.mlops('push', '-n')).out).toContain('Would push 3 objects');
    expect((await project.mlops('status', '--not-in-remote')).out).toContain('Not on remote origin: 3 objects');
    expect((await project.mlops('push')).out).toMatch(/^Pushed 3 objects \(\d+ B\) to origin\.\n$/);
    expect((await project.mlops('push')).out).toBe('Nothing to push: everything is there already.\n');
    expect((await project.mlops('status', '--not-in-remote', '--check')).exitCode).toBe(0);

    rmSync(project.path('.mlops/cache'), { recursive: true });
    expect((await project.mlops('fetch', 'a.csv')).out).toMatch(/^Fetched 1 object \(2 B\) from origin/);
    rmSync(project.path('images'), { recursive: true });
    expect((await project.mlops('pull')).out).toMatch(
      /^Fetched 2 objects \(\d+ B\) from origin.*\.\n1 file changed in the workspace:\n {2}added {5}images\/1\.png\n$/,
    );
    expect(await project.read('images/1.png')).toBe('one');
    expect((await project.mlops('pull')).out).toBe(
      'Nothing to fetch: everything is there already.\nNothing to check out.\n',
    );
  });

  test('have the document of the contract', async () => {
    const project = await createProject({ 'a.csv': 'a\n' });
    await project.mlops('remote', 'add', '-d', 'origin', project.remote);
    await project.mlops('add', 'a.csv');
    const base = {
      remote: 'string',
      objects: 'number',
      bytes: 'number',
      requests: 'number',
      alreadyThere: 'number',
      paths: expect.any(Array),
      failed: [],
    };
    for (const name of ['push', 'fetch']) {
      expect(shapeOf((await project.mlops(name, '--json')).json())).toEqual({ ...base, checkout: null });
    }
    expect(shapeOf((await project.mlops('pull', '--json')).json())).toMatchObject({
      ...base,
      checkout: { added: [], modified: [], deleted: [], kept: [], failed: [] },
    });
  });

  test('an object that is nowhere is exit 4 and told by path; the rest arrives', async () => {
    const project = await createProject({ 'a.csv': 'a\n', 'b.csv': 'b\n' });
    await project.mlops('remote', 'add', '-d', 'origin', project.remote);
    await project.mlops('add', 'a.csv', 'b.csv');
    await project.mlops('push', 'b.csv');
    for (const path of ['.mlops/cache', 'a.csv', 'b.csv']) rmSync(project.path(path), { recursive: true });
    const { exitCode, out, err } = await project.mlops('pull');
    expect(exitCode).toBe(4);
    expect(out).toContain('a.csv');
    expect(err).toMatch(/^error: .+\nhint: /m);
    expect(await project.read('b.csv')).toBe('b\n');
  });

  test('without a remote, the way to one is named', async () => {
    const { mlops } = await createProject({ 'a.csv': 'a\n' });
    await mlops('add', 'a.csv');
    const { exitCode, err } = await mlops('push');
    expect(exitCode).toBe(2);
    expect(err).toContain('hint: mlops remote add -d origin <url>');
  });
});
