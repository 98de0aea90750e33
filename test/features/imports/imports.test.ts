import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createCliProject } from '../../support/cli-project.ts';
import { runMlops } from '../../support/run-mlops.ts';
import { createFolder } from '../../support/sandbox.ts';

/** A repository with data on a remote, in Git, and by a stage; twice committed, the first commit tagged v1. */
async function createSource({ pushed = true } = {}) {
  const project = await createCliProject({
    'data/raw.csv': 'one\n',
    'images/a/1.png': 'first',
    'images/a/2.png': 'second',
    'images/b/run.sh': '#!/bin/sh\n',
    'docs/readme.md': '# Read me\n',
  });
  const remote = await createFolder();
  const git = (...args: string[]) => execFileSync('git', args, { cwd: project.root, encoding: 'utf8' }).trim();
  await project.mlops('remote', 'add', '-d', 'origin', remote);
  await project.mlops('add', 'data/raw.csv', 'images');
  if (pushed) await project.mlops('push');
  git('add', '.');
  git('commit', '-qm', 'one');
  git('tag', 'v1');
  writeFileSync(join(project.root, 'data/raw.csv'), 'two\n');
  await project.mlops('add', 'data/raw.csv');
  if (pushed) await project.mlops('push');
  git('commit', '-qam', 'two');
  return { ...project, git, remote };
}

/** The same where only Git and the remote can be reached, as on a server. */
async function createServer() {
  const source = await createSource();
  const folder = await createFolder();
  execFileSync('git', ['clone', '-q', '--bare', source.root, join(folder, 'data.git')]);
  execFileSync('git', ['config', 'uploadpack.allowFilter', 'true'], { cwd: join(folder, 'data.git') });
  return { ...source, url: `file://${join(folder, 'data.git')}` };
}

describe('get', () => {
  test('downloads a file, a folder, a part of one, and what Git keeps, outside any project', async () => {
    const { url } = await createServer();
    const cwd = await createFolder();
    const mlops = (...argv: string[]) => runMlops({ cwd }, ...argv);
    for (const words of [
      ['data/raw.csv'],
      ['images'],
      ['images/a', '-o', 'part'],
      ['docs'],
      ['docs/readme.md', '-o', 'deep/r.md'],
    ]) {
      expect(await mlops('get', url, ...words)).toMatchObject({ exitCode: 0 });
    }
    expect(readFileSync(join(cwd, 'raw.csv'), 'utf8')).toBe('two\n');
    expect(readFileSync(join(cwd, 'images/a/1.png'), 'utf8')).toBe('first');
    expect(readFileSync(join(cwd, 'part/2.png'), 'utf8')).toBe('second');
    expect(readFileSync(join(cwd, 'docs/readme.md'), 'utf8')).toBe('# Read me\n');
    expect(readFileSync(join(cwd, 'deep/r.md'), 'utf8')).toBe('# Read me\n');
    expect(existsSync(join(cwd, '.mlops'))).toBe(false);
  });

  test('takes a revision: a tag, a branch, a whole and a short commit id', async () => {
    const { url, git } = await createServer();
    const cwd = await createFolder();
    const first = git('rev-parse', 'v1');
    for (const rev of ['v1', first, first.slice(0, 8), 'HEAD~1']) {
      const { exitCode, err } = await runMlops({ cwd }, 'get', url, 'data/raw.csv', '--rev', rev, '-f');
      expect({ exitCode, err }).toMatchObject({ exitCode: 0 });
      expect(readFileSync(join(cwd, 'raw.csv'), 'utf8')).toBe('one\n');
    }
  });

  test('takes what was never pushed from a repository on this machine', async () => {
    const { root } = await createSource({ pushed: false });
    const cwd = await createFolder();
    expect(await runMlops({ cwd }, 'get', root, 'images/a')).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(cwd, 'a/1.png'), 'utf8')).toBe('first');
  });

  test('overwrites nothing without --force, and nothing at all in a dry run', async () => {
    const { root } = await createSource();
    const cwd = await createFolder();
    writeFileSync(join(cwd, 'raw.csv'), 'mine\n');
    expect((await runMlops({ cwd }, 'get', root, 'data/raw.csv')).exitCode).toBe(8);
    expect((await runMlops({ cwd }, 'get', root, 'data/raw.csv', '-f', '-n')).exitCode).toBe(0);
    expect(readFileSync(join(cwd, 'raw.csv'), 'utf8')).toBe('mine\n');
  });

  test.each([
    [['data/rwa.csv'], 2, 'did you mean "data/raw.csv"?'],
    [['images/nothing'], 2, 'has no'],
    [['../secret'], 2, 'leads out of the repository'],
    [['data/raw.csv', '--rev', 'v9'], 2, 'no revision "v9"'],
  ])('%s is told apart', async (words, exitCode, message) => {
    const { url } = await createServer();
    const result = await runMlops({ cwd: await createFolder() }, 'get', url, ...words);
    expect(result).toMatchObject({ exitCode, err: expect.stringContaining(message) });
  });

  test('a repository that is not there is exit 5, by name', async () => {
    const url = `file://${await createFolder()}/nowhere.git`;
    const { exitCode, err } = await runMlops({ cwd: await createFolder() }, 'get', url, 'a');
    expect({ exitCode, err }).toEqual({ exitCode: 5, err: expect.stringContaining(url) });
  });

  test('what nobody pushed is exit 4, with what to do', async () => {
    const { url, remote } = await createServer();
    rmSync(join(remote, 'v1'), { recursive: true });
    const { exitCode, err } = await runMlops({ cwd: await createFolder() }, 'get', url, 'data/raw.csv');
    expect({ exitCode, err }).toEqual({ exitCode: 4, err: expect.stringContaining('mlops push') });
  });
});

describe('ls and cat of another repository', () => {
  test('ls shows what Git and the lockfile have, also inside tracked folders', async () => {
    const { url } = await createServer();
    const cwd = await createFolder();
    const paths = async (...words: string[]) =>
      (await runMlops({ cwd }, 'ls', '--repo', url, ...words)).out.trim().split('\n');
    expect(await paths()).toEqual(expect.arrayContaining(['data/', 'docs/', 'images/']));
    expect(await paths('images')).toEqual(['images/a/', 'images/b/']);
    expect(await paths('images/a')).toEqual(['images/a/1.png', 'images/a/2.png']);
    expect(await paths('-R')).toEqual(
      expect.arrayContaining(['data/raw.csv', 'docs/readme.md', 'images/a/1.png', 'images/b/run.sh']),
    );
  });

  test('ls reads a repository without a project too', async () => {
    const root = await createFolder();
    execFileSync('git', ['init', '-q'], { cwd: root });
    writeFileSync(join(root, 'a.txt'), 'a');
    execFileSync('git', ['add', '.'], { cwd: root });
    execFileSync('git', ['commit', '-qm', 'a'], { cwd: root });
    expect((await runMlops({ cwd: await createFolder() }, 'ls', '--repo', root)).out).toBe('a.txt\n');
    expect(existsSync(join(root, '.mlops.yaml'))).toBe(false);
  });

  test('cat gives the bytes of a revision', async () => {
    const { url } = await createServer();
    const cwd = await createFolder();
    expect((await runMlops({ cwd }, 'cat', '--repo', url, 'data/raw.csv', '--rev', 'v1')).out).toBe('one\n');
    expect((await runMlops({ cwd }, 'cat', '--repo', url, 'images/a/2.png')).out).toBe('second');
  });
});

describe('import', () => {
  test('tracks data with where it comes from, and Git is told of it', async () => {
    const { url, git } = await createServer();
    const { mlops, read } = await createCliProject();
    const { out, exitCode } = await mlops('import', url, 'data/raw.csv', '-o', 'input/raw.csv', '--rev', 'v1');
    expect({ out, exitCode }).toEqual({ exitCode: 0, out: expect.stringContaining('Imported input/raw.csv (4 B)') });
    expect(out).toContain('git add .mlops.lock.yaml input/.gitignore');
    expect(await read('input/raw.csv')).toBe('one\n');
    expect(await read('.mlops.lock.yaml')).toContain(
      `from: { commit: "${git('rev-parse', 'v1')}", path: "data/raw.csv", repo: "${url}", rev: "v1" }`,
    );
    expect((await mlops('status')).out).toContain('Clean');
  });

  test('update moves the pin on, and a second one finds nothing', async () => {
    const { url } = await createServer();
    const { mlops, read } = await createCliProject();
    await mlops('import', url, 'data/raw.csv', '--rev', 'v1');
    expect((await mlops('update', 'raw.csv')).out).toBe('Nothing to update: 1 path unchanged.\n');
    expect((await mlops('update', 'raw.csv', '--rev', 'HEAD', '-n')).out).toContain('Would update raw.csv');
    expect(await read('raw.csv')).toBe('one\n');
    expect((await mlops('update', 'raw.csv', '--rev', 'HEAD')).exitCode).toBe(0);
    expect(await read('raw.csv')).toBe('two\n');
  });

  test('update keeps what was changed here and is nowhere else', async () => {
    const { url } = await createServer();
    const { mlops, read, write } = await createCliProject();
    await mlops('import', url, 'data/raw.csv', '--rev', 'v1');
    await write({ 'raw.csv': 'mine\n' });
    expect((await mlops('update', 'raw.csv', '--rev', 'HEAD')).exitCode).toBe(8);
    expect(await read('raw.csv')).toBe('mine\n');
    expect((await mlops('update', 'raw.csv', '--rev', 'HEAD', '-f')).exitCode).toBe(0);
    expect(await read('raw.csv')).toBe('two\n');
  });

  test('--no-download names it, and pull brings it from where it is', async () => {
    const { url } = await createServer();
    const { mlops, path, read } = await createCliProject();
    await mlops('remote', 'add', '-d', 'own', await createFolder());
    expect((await mlops('import', url, 'images', '--no-download')).exitCode).toBe(0);
    expect(existsSync(path('images'))).toBe(false);
    expect(await mlops('pull')).toMatchObject({ exitCode: 0 });
    expect(await read('images/a/1.png')).toBe('first');
  });

  test('pull brings it where the project has no remote at all, and a part of it alone', async () => {
    const { url } = await createServer();
    const { mlops, exists } = await createCliProject();
    await mlops('import', url, 'images', '--no-download');
    expect(await mlops('pull', 'images/a')).toMatchObject({ exitCode: 0 });
    expect(exists('images/a/1.png')).toBe(true);
    expect(exists('images/b')).toBe(false);
  });

  test('what neither the remote nor the origin has is exit 4, and both are named', async () => {
    const { url, remote } = await createServer();
    const { mlops } = await createCliProject();
    await mlops('remote', 'add', '-d', 'own', await createFolder());
    await mlops('import', url, 'data/raw.csv', '--no-download');
    rmSync(join(remote, 'v1'), { recursive: true });
    const { exitCode, err } = await mlops('fetch');
    expect({ exitCode, err }).toEqual({ exitCode: 4, err: expect.stringContaining('cannot be had from its origin') });
  });

  test('what was imported there is imported from its origin', async () => {
    const { url, git } = await createServer();
    const middle = await createCliProject();
    await middle.mlops('import', url, 'data/raw.csv');
    execFileSync('git', ['add', '.'], { cwd: middle.root });
    execFileSync('git', ['commit', '-qm', 'imported'], { cwd: middle.root });
    const { mlops, read } = await createCliProject();
    expect((await mlops('import', middle.root, 'raw.csv')).exitCode).toBe(0);
    expect(await read('.mlops.lock.yaml')).toContain(
      `from: { commit: "${git('rev-parse', 'HEAD')}", path: "data/raw.csv", repo: "${url}" }`,
    );
  });

  test('what is there is not overwritten without --force, and comes back when the import fails', async () => {
    const { url, remote } = await createServer();
    const { mlops, read, write } = await createCliProject();
    await write({ 'raw.csv': 'mine\n' });
    expect((await mlops('import', url, 'data/raw.csv')).exitCode).toBe(8);
    rmSync(join(remote, 'v1'), { recursive: true });
    expect((await mlops('import', url, 'data/raw.csv', '-f')).exitCode).toBe(4);
    expect(await read('raw.csv')).toBe('mine\n');
  });

  test('a path that was not imported cannot be updated', async () => {
    const { mlops } = await createCliProject({ 'a.csv': 'a\n' });
    await mlops('add', 'a.csv');
    expect(await mlops('update', 'a.csv')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('was not imported'),
    });
  });
});

describe('import-url', () => {
  async function serve(bytes: { now: string }) {
    const asked: (string | undefined)[] = [];
    const server = createHttpServer((request, response) => {
      asked.push(request.headers['if-none-match']);
      const etag = `"${bytes.now.length}"`;
      if (request.url !== '/data/iris.csv') response.writeHead(404).end();
      else if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
      else response.writeHead(200, { etag, 'content-length': bytes.now.length }).end(bytes.now);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    return { asked, url: `http://127.0.0.1:${port}/data/iris.csv` };
  }

  test('tracks what a server has, and update asks whether it changed', async () => {
    const bytes = { now: 'one' };
    const { url, asked } = await serve(bytes);
    const { mlops, read } = await createCliProject();
    expect((await mlops('import-url', url)).out).toContain('Imported iris.csv (3 B)');
    expect(await read('.mlops.lock.yaml')).toContain(`from: { etag: "\\"3\\"", url: "${url}" }`);
    expect((await mlops('update', 'iris.csv')).out).toContain('Nothing to update');
    bytes.now = 'three';
    expect((await mlops('update', 'iris.csv')).out).toContain('Updated iris.csv (5 B)');
    expect(await read('iris.csv')).toBe('three');
    expect(asked).toEqual([undefined, '"3"', '"3"']);
  });

  test('pull asks the server when no remote has it', async () => {
    const { url } = await serve({ now: 'one' });
    const { mlops, path, read } = await createCliProject();
    await mlops('import-url', url, 'data/');
    rmSync(path('.mlops/cache'), { recursive: true });
    rmSync(path('data/iris.csv'));
    expect(await mlops('pull')).toMatchObject({ exitCode: 0 });
    expect(await read('data/iris.csv')).toBe('one');
  });

  test('takes a path from outside', async () => {
    const outside = join(await createFolder(), 'export.csv');
    writeFileSync(outside, 'a\n');
    const { mlops, read } = await createCliProject();
    expect((await mlops('import-url', outside, 'data/export.csv')).exitCode).toBe(0);
    expect(await read('data/export.csv')).toBe('a\n');
    expect(await read('.mlops.lock.yaml')).toContain(`from: { url: "${outside}" }`);
  });

  test('an answer that is none is told apart', async () => {
    const { url } = await serve({ now: 'one' });
    const { mlops, exists } = await createCliProject();
    expect(await mlops('import-url', `${url}.gz`)).toMatchObject({ exitCode: 4, err: expect.stringContaining('404') });
    expect(await mlops('import-url', 'http://127.0.0.1:1/x')).toMatchObject({ exitCode: 5 });
    expect(await mlops('import-url', 'gopher://x/y')).toMatchObject({ exitCode: 2 });
    expect(exists('iris.csv.gz')).toBe(false);
  });
});
