import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WORKSPACE } from '../../../src/core/revision.ts';
import { type Git, openGit } from '../../../src/stores/git/git.ts';
import { createFolder, createSandbox, GIT_ENV } from '../../support/sandbox.ts';

async function open(root: string): Promise<Git> {
  const git = await openGit(root, GIT_ENV);
  if (git === null) throw new Error('There is no repository.');
  onTestFinished(() => git.close());
  return git;
}

const text = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8'));

describe('HEAD', () => {
  test('is read from the folder of Git, before and after the first commit', async () => {
    const sandbox = await createSandbox({ a: '1' });
    const git = await open(sandbox.root);
    expect(git.head()).toBe(null);
    expect(git.branch()).toBe('main');
    const sha = await sandbox.commit('first');
    expect(git.head()).toBe(sha);
  });

  test('is found when it is detached, packed, or its branch was renamed', async () => {
    const sandbox = await createSandbox({ a: '1' });
    const first = await sandbox.commit('first');
    await sandbox.write({ a: '2' });
    const second = await sandbox.commit('second');
    const git = await open(sandbox.root);
    await sandbox.git('pack-refs', '--all', '--prune');
    expect(git.head()).toBe(second);
    await sandbox.git('branch', '--move', 'deep/er');
    expect([git.head(), git.branch()]).toEqual([second, 'deep/er']);
    await sandbox.git('checkout', '--quiet', first);
    expect([git.head(), git.branch()]).toEqual([first, null]);
  });

  test('of a linked worktree is its own, and its main work tree is known', async () => {
    const sandbox = await createSandbox({ a: '1' });
    const first = await sandbox.commit('first');
    const linked = join(await createFolder(), 'linked');
    await sandbox.git('worktree', 'add', '--quiet', linked, '-b', 'side');
    await sandbox.write({ a: '2' });
    await sandbox.commit('second');
    const git = await open(linked);
    expect([git.head(), git.branch(), git.folder, git.mainFolder]).toEqual([first, 'side', linked, sandbox.root]);
  });
});

test('outside of a repository there is none, and a folder called .git is not one', async () => {
  const folder = await createFolder();
  expect(await openGit(folder, GIT_ENV)).toBe(null);
  mkdirSync(join(folder, '.git'));
  expect(await openGit(folder, GIT_ENV)).toBe(null);
});

describe('revisions', () => {
  test('are resolved and read, many at once, in order', async () => {
    const sandbox = await createSandbox({ 'data/a.txt': 'one', empty: '', big: 'x'.repeat(3_000_000) });
    const first = await sandbox.commit('first');
    await sandbox.git('tag', 'v1');
    await sandbox.write({ 'data/a.txt': 'two\n' });
    const second = await sandbox.commit('second');
    const git = await open(sandbox.root);
    const revisions = await Promise.all(
      ['HEAD', 'HEAD~1', 'v1', 'main', first.slice(0, 8)].map((name) => git.resolve(name)),
    );
    expect(revisions.map((revision) => revision.type === 'commit' && revision.sha)).toEqual([
      second,
      first,
      first,
      second,
      first,
    ]);
    expect(await git.resolve('workspace')).toEqual(WORKSPACE);

    const [head, before] = revisions;
    if (head === undefined || before === undefined) throw new Error('unreachable');
    const read = await Promise.all([
      git.readFile(before, 'data/a.txt'),
      git.readFile(head, 'data/a.txt'),
      git.readFile(head, 'missing'),
      git.readFile(head, 'data'),
      git.readFile(head, 'empty'),
      git.readFile(before, 'big'),
      git.readFile(WORKSPACE, 'data/a.txt'),
      git.readFile(WORKSPACE, 'missing'),
    ]);
    expect(read.map((bytes) => text(bytes)?.slice(0, 5))).toEqual([
      'one',
      'two\n',
      undefined,
      undefined,
      '',
      'xxxxx',
      'two\n',
      undefined,
    ]);
    expect(read[5]).toHaveLength(3_000_000);
  });

  test('that Git does not know are refused with a way out, whatever they are called', async () => {
    const sandbox = await createSandbox({ a: '1' });
    const git = await open(sandbox.root);
    await expect(git.resolve('HEAD')).rejects.toMatchObject({
      kind: 'usage',
      hint: expect.stringContaining('git commit'),
    });
    await sandbox.commit('first');
    for (const name of ['nothing', '--help', '', 'HEAD:a', 'HEAD\nmain', 'HEAD~5', '-x', ':/zzz', 'a b']) {
      await expect(git.resolve(name)).rejects.toMatchObject({ kind: 'usage' });
    }
    expect(await git.resolve('HEAD')).toMatchObject({ type: 'commit' });
  });

  test('that a shallow clone lacks are refused with the fetch to do', async () => {
    const sandbox = await createSandbox({ a: '1' });
    await sandbox.commit('first');
    await sandbox.write({ a: '2' });
    await sandbox.commit('second');
    const clone = join(await createFolder(), 'clone');
    await sandbox.git('clone', '--quiet', '--depth', '1', `file://${sandbox.root}`, clone);
    const git = await open(clone);
    await expect(git.resolve('HEAD~1')).rejects.toMatchObject({ hint: expect.stringContaining('--unshallow') });
  });

  test('are listed by branches, tags and commits', async () => {
    const sandbox = await createSandbox({ a: '1' });
    const first = await sandbox.commit('first');
    await sandbox.git('tag', 'v1');
    await sandbox.git('branch', 'side');
    const git = await open(sandbox.root);
    expect((await git.names('branches')).toSorted()).toEqual(['main', 'side']);
    expect(await git.names('tags')).toEqual(['v1']);
    expect(await git.names('commits')).toEqual([first]);
  });

  test('are listed under the rules that every call of Git has: its environment, its configuration, its words', async () => {
    const sandbox = await createSandbox({ a: '1' });
    await sandbox.commit('first');
    await sandbox.git('branch', 'side');
    const config = (pairs: readonly [string, string][]) => ({
      GIT_CONFIG_COUNT: String(pairs.length),
      ...Object.fromEntries(
        pairs.flatMap(([key, value], at) => [
          [`GIT_CONFIG_KEY_${at}`, key],
          [`GIT_CONFIG_VALUE_${at}`, value],
        ]),
      ),
    });
    const namesWith = async (env: Record<string, string>) => {
      const git = await openGit(sandbox.root, { ...GIT_ENV, ...env });
      return (await git?.names('branches'))?.toSorted();
    };
    // A listing that drops the first reads what it must not; one that checks the second starts nothing.
    await expect(namesWith(config([['core.abbrev', 'bogus']]))).rejects.toMatchObject({
      kind: 'failed',
      message: expect.stringMatching(/^Git could not list branches: bad numeric config/),
    });
    const programs = { GIT_SSH_COMMAND: 'ssh -v', GIT_EDITOR: 'vi', EDITOR: 'vi', PAGER: 'less', GIT_ASKPASS: 'ask' };
    expect(await namesWith({ ...programs, ...config([['core.hooksPath', '/nowhere']]) })).toEqual(['main', 'side']);
    expect(await namesWith({ GIT_DIR: '/nowhere', GIT_WORK_TREE: '/nowhere' })).toEqual(['main', 'side']);
    await expect(namesWith({ PATH: '/nowhere' })).rejects.toMatchObject({ kind: 'no-git' });
  });
});

describe('a project in a sub-folder', () => {
  test('has its own paths', async () => {
    const sandbox = await createSandbox({
      'sub/deep/a.txt': 'inside',
      'a.txt': 'outside',
      'sub/deep/.gitignore': '/x\n',
    });
    await sandbox.commit('first');
    await sandbox.write({ 'sub/deep/x': '', 'sub/deep/new': '' });
    const git = await open(sandbox.path('sub/deep'));
    expect(text(await git.readFile(await git.resolve('HEAD'), 'a.txt'))).toBe('inside');
    expect(git.folder).toBe(sandbox.root);
    expect(await git.trackedAmong(['a.txt', 'x', 'new'])).toEqual(new Set(['a.txt']));
    expect(await git.ignoredAmong(['a.txt', 'x', 'new'])).toEqual(new Set(['x']));
    await git.add(['new']);
    expect(await sandbox.git('diff', '--cached', '--name-only')).toBe('sub/deep/new');
  });
});

test('tracked paths are files that Git has, and folders around them', async () => {
  const sandbox = await createSandbox({ 'data/in/a': '1', 'data*/b': '1', '--b': '1', 'ä b/c': '1' });
  await sandbox.commit('first');
  const git = await open(sandbox.root);
  expect(await git.trackedAmong([])).toEqual(new Set());
  expect(await git.trackedAmong(['data', 'data/in', 'data/in/a', 'dat', 'data/*', '--b', 'ä b/c', 'ä b'])).toEqual(
    new Set(['data', 'data/in', 'data/in/a', '--b', 'ä b/c', 'ä b']),
  );
  const many = Array.from({ length: 5000 }, (_, at) => `missing/${at}`);
  expect(await git.trackedAmong([...many, '--b'])).toEqual(new Set(['--b']));
});

test('a change to a tracked file makes it dirty; a new file does not', async () => {
  const sandbox = await createSandbox({ a: '1' });
  await sandbox.commit('first');
  const git = await open(sandbox.root);
  await sandbox.write({ b: '' });
  expect(await git.isDirty()).toBe(false);
  await sandbox.write({ a: '22' });
  expect(await git.isDirty()).toBe(true);
});

test('what Git says is told when it refuses', async () => {
  const sandbox = await createSandbox({ a: '1', '.gitignore': 'b\n', b: '' });
  const git = await open(sandbox.root);
  await expect(git.add(['b'])).rejects.toThrow(/Git could not stage the files: .*ignored/s);
});

test('a hook of another repository does not lead astray', async () => {
  const outer = await createSandbox({ a: '1' });
  await outer.commit('outer');
  const inner = await createSandbox({ b: '1' });
  const sha = await inner.commit('inner');
  const git = await openGit(inner.root, { ...GIT_ENV, GIT_DIR: join(outer.root, '.git') });
  expect(await git?.resolve('HEAD')).toMatchObject({ sha });
  git?.close();
});

test('a submodule is a repository of its own', async () => {
  const inner = await createSandbox({ b: '1' });
  const sha = await inner.commit('inner');
  const outer = await createSandbox({ a: '1' });
  await outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.root, 'part');
  const git = await open(outer.path('part'));
  expect([git.head(), git.folder, git.mainFolder]).toEqual([sha, outer.path('part'), outer.path('part')]);
});

test('Git ends when it is closed, and a question after that starts it anew', async () => {
  const sandbox = await createSandbox({ a: '1' });
  const sha = await sandbox.commit('first');
  const git = await open(sandbox.root);
  await git.resolve('HEAD');
  git.close();
  expect(await git.resolve('HEAD')).toMatchObject({ sha });
});

test('without Git on the PATH the error says so', async () => {
  const sandbox = await createSandbox({ a: '1' });
  const git = await openGit(sandbox.root, { PATH: '/nowhere' });
  await expect(git?.isDirty()).rejects.toMatchObject({ kind: 'no-git' });
  await expect(git?.resolve('HEAD')).rejects.toMatchObject({ kind: 'no-git' });
  git?.close();
});

test('a process that asked Git something ends by itself, though nobody closed it', async () => {
  const sandbox = await createSandbox({ a: '1' });
  await sandbox.commit('first');
  const { build } = await import('esbuild');
  const built = await build({
    entryPoints: ['src/stores/git/git.ts'],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
  });
  await sandbox.write({
    'git.mjs': built.outputFiles[0]?.contents ?? '',
    'ask.mjs': `import { openGit } from './git.mjs';
      const git = await openGit('.', process.env);
      console.log((await git.resolve('HEAD')).type, (await git.readFile(await git.resolve('HEAD'), 'a')).length);`,
  });
  const { stdout } = await promisify(execFile)('node', ['ask.mjs'], { cwd: sandbox.root, timeout: 20_000 });
  expect(stdout).toBe('commit 1\n');
});
