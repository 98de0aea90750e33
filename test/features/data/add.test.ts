import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { addPaths } from '../../../src/features/data/add/add.ts';
import { encodeTree } from '../../../src/core/tree.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { createProject, type OpenedProject } from '../../support/open-project.ts';

const add = async (
  project: OpenedProject,
  paths: readonly string[],
  more: { force?: boolean; dryRun?: boolean } = {},
) => addPaths(await project.open(), { paths, force: false, dryRun: false, ...more });
const lockfileOf = async (project: OpenedProject) => (await project.open()).readLockfile();
const isThere = (project: OpenedProject, path: string) => project.sandbox.exists(path);

describe('add', () => {
  test('a file goes to the cache, its digest to the lockfile, and Git leaves it alone', async () => {
    const project = await createProject({ 'data/raw.csv': 'a,b\n1,2\n' });
    const digest = digestOf('a,b\n1,2\n');
    expect(await add(project, ['data/raw.csv'])).toEqual({
      added: [{ path: 'data/raw.csv', digest, size: 8, files: null }],
      unchanged: [],
      removed: [],
      changedFiles: ['.mlops.lock.yaml', 'data/.gitignore'],
    });
    expect(await project.sandbox.read('data/.gitignore')).toBe('/raw.csv\n');
    expect(await project.sandbox.read('.mlops.lock.yaml')).toBe(
      `version: 1\ndata:\n  data/raw.csv: { file: "${digest}", size: 8 }\n`,
    );
    const hex = digest.slice('blake3:'.length);
    const object = project.sandbox.path(`.mlops/cache/v1/objects/${hex.slice(0, 2)}/${hex.slice(2)}`);
    expect(readFileSync(object, 'utf8')).toBe('a,b\n1,2\n');
    expect(await project.sandbox.git('status', '--porcelain', '--', 'data')).toBe('?? data/');
  });

  test('a folder is one digest, made of the files in it', async () => {
    const project = await createProject({ 'data/b.txt': 'b', 'data/a.txt': 'aa' });
    const { added } = await add(project, ['data']);
    const entry = (name: string, text: string) =>
      ({ name, kind: 'file', size: text.length, files: 1, digest: digestOf(text) }) as const;
    const digest = digestOf(encodeTree({ level: 0, entries: [entry('a.txt', 'aa'), entry('b.txt', 'b')] }));
    expect(added).toEqual([{ path: 'data', digest, size: 3, files: 2 }]);
  });

  test('the same again changes nothing', async () => {
    const project = await createProject({ 'data/a.txt': 'a', 'raw.csv': 'x' });
    await add(project, ['data', 'raw.csv']);
    const before = await project.sandbox.read('.mlops.lock.yaml');
    await project.sandbox.git('add', '.');
    expect(await add(project, ['data', 'raw.csv'])).toEqual({
      added: [],
      unchanged: ['data', 'raw.csv'],
      removed: [],
      changedFiles: [],
    });
    expect(await project.sandbox.read('.mlops.lock.yaml')).toBe(before);
  });

  test('a bit that makes a file executable is a change', async () => {
    const project = await createProject({ 'bin/tool': '#!/bin/sh\n' });
    await add(project, ['bin/tool']);
    chmodSync(project.sandbox.path('bin/tool'), 0o755);
    expect((await add(project, ['bin/tool'])).added).toHaveLength(1);
    expect((await lockfileOf(project)).data['bin/tool']).toMatchObject({ executable: true });
  });

  test('paths start from the current folder', async () => {
    const project = await createProject({ 'data/raw.csv': 'x' });
    const inside = await project.open({}, project.sandbox.path('data'));
    const { added } = await addPaths(inside, { paths: ['raw.csv'], force: false, dryRun: false });
    expect(added.map(({ path }) => path)).toEqual(['data/raw.csv']);
  });

  test('a dry run says the same and writes nothing', async () => {
    const project = await createProject({ 'data/a.txt': 'a' });
    const dry = await add(project, ['data'], { dryRun: true });
    expect(isThere(project, '.mlops/cache')).toBe(false);
    expect(await lockfileOf(project)).toMatchObject({ data: {} });
    expect((await add(project, ['data'])).added).toEqual(dry.added);
  });

  test('a path inside a tracked folder updates that folder, also when the rest of it is not there', async () => {
    const project = await createProject({
      'data/cats/1.txt': 'one',
      'data/cats/2.txt': 'two',
      'data/dogs/1.txt': 'dog',
    });
    await add(project, ['data']);
    const whole = (await lockfileOf(project)).data['data'];
    rmSync(project.sandbox.path('data/dogs'), { recursive: true });
    rmSync(project.sandbox.path('data/cats/2.txt'));
    await project.sandbox.write({ 'data/cats/3.txt': 'three' });
    expect((await add(project, ['data/cats/3.txt'])).added).toMatchObject([{ path: 'data/cats/3.txt', size: 5 }]);
    expect((await lockfileOf(project)).data['data']).toMatchObject({ files: 4, size: 14 });

    rmSync(project.sandbox.path('data/cats/3.txt'));
    await add(project, ['data/cats/3.txt']);
    expect((await lockfileOf(project)).data['data']).toEqual(whole);
  });

  test('a part of a folder whose list is not here waits for it, dry or not, and nothing has changed', async () => {
    const project = await createProject({ 'data/cats/1.txt': 'one', 'data/2.txt': 'two' });
    await add(project, ['data']);
    const before = await project.sandbox.read('.mlops.lock.yaml');
    rmSync(project.sandbox.path('.mlops/cache'), { recursive: true });
    await project.sandbox.write({ 'data/new.txt': 'new' });
    for (const dryRun of [true, false]) {
      const adding = addPaths(await project.open(), {
        paths: [project.sandbox.path('data/new.txt')],
        force: false,
        dryRun,
      });
      await expect(adding).rejects.toMatchObject({ kind: 'data-missing', hint: 'mlops fetch data' });
    }
    expect(await project.sandbox.read('.mlops.lock.yaml')).toBe(before);
  });

  test('what .mlopsignore names is not part of a folder, nor are Git and mlops', async () => {
    const project = await createProject({
      'data/a.txt': 'a',
      'data/b.tmp': 'b',
      'data/deep/c.log': 'c',
      'data/deep/keep.log': 'k',
      'data/deep/.mlopsignore': '*.log\n!keep.log\n',
      'data/.git/config': 'g',
      '.mlopsignore': '*.tmp\n',
    });
    expect((await add(project, ['data'])).added).toMatchObject([{ files: 2, size: 2 }]);
  });

  test('what Git is told stays when it is told again', async () => {
    const project = await createProject({ 'data/b.csv': 'b', 'data/a.csv': 'a' });
    await add(project, ['data/b.csv']);
    await add(project, ['data/a.csv', 'data/b.csv']);
    expect(await project.sandbox.read('data/.gitignore')).toBe('/a.csv\n/b.csv\n');
  });

  test('two that add at once are both in the lockfile', async () => {
    const project = await createProject({ 'a.csv': 'a', 'b.csv': 'b', 'c/d.csv': 'd' });
    const open = () => project.open({ waitMilliseconds: null });
    const each = async (path: string) => addPaths(await open(), { paths: [path], force: false, dryRun: false });
    await Promise.all([each('a.csv'), each('b.csv'), each('c')]);
    expect(Object.keys((await lockfileOf(project)).data)).toEqual(['a.csv', 'b.csv', 'c']);
  });

  test('a folder and a part of it that are added at once: the later one counts as later', async () => {
    const project = await createProject({ 'd/a.csv': 'a', 'd/b.csv': 'b' });
    for (const [first, second] of [
      ['d', 'd/a.csv'],
      ['d/a.csv', 'd'],
    ] as const) {
      await project.sandbox.write({ '.mlops.lock.yaml': 'version: 1\n', '.gitignore': '' });
      rmSync(project.sandbox.path('d/.gitignore'), { force: true });
      const opened = await project.open();
      let overtaken = false;
      const adding = addPaths(
        {
          ...opened,
          async updateLockfile(change) {
            if (!overtaken) await add(project, [first]);
            overtaken = true;
            return opened.updateLockfile(change);
          },
        },
        { paths: [second], force: false, dryRun: false },
      );
      if (second === 'd/a.csv') expect((await adding).unchanged).toEqual(['d/a.csv']);
      else await expect(adding).rejects.toMatchObject({ kind: 'usage', message: expect.stringContaining('overlap') });
      expect(Object.keys((await lockfileOf(project)).data)).toEqual([first]);
      expect(isThere(project, 'd/.gitignore')).toBe(first === 'd/a.csv');
      expect(isThere(project, '.gitignore')).toBe(first === 'd');
    }
  });
});

describe('add refuses, and leaves no half entry:', () => {
  async function refusal(project: OpenedProject, ...paths: string[]) {
    const before = await lockfileOf(project);
    const hadIgnore = paths.some((path) => isThere(project, join(path, '..', '.gitignore')));
    const error = await add(project, paths).then(
      () => 'nothing was refused',
      (reason: unknown) => reason,
    );
    expect(await lockfileOf(project)).toEqual(before);
    expect(paths.some((path) => isThere(project, join(path, '..', '.gitignore')))).toBe(hadIgnore);
    return error;
  }

  test('a path outside the project', async () => {
    const project = await createProject();
    expect(await refusal(project, '../elsewhere.csv')).toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('../elsewhere.csv is outside the project'),
    });
  });

  test('a path that is not there, with the name that was meant', async () => {
    const project = await createProject({ 'data/raw.csv': 'x' });
    expect(await refusal(project, 'data/rwa.csv')).toMatchObject({
      kind: 'usage',
      message: 'There is no data/rwa.csv; did you mean "raw.csv"?',
    });
  });

  test('the whole project, and what belongs to Git and mlops', async () => {
    const project = await createProject();
    expect(await refusal(project, '.')).toMatchObject({ kind: 'usage' });
    expect(await refusal(project, '.git')).toMatchObject({ kind: 'usage' });
    expect(await refusal(project, '.mlops.yaml')).toMatchObject({ kind: 'usage' });
  });

  test('what lies in another project, or in another Git repository', async () => {
    const project = await createProject({
      'models/.mlops.yaml': '',
      'models/data/x.csv': 'x',
      'vendor/lib/.git/HEAD': 'ref: refs/heads/main\n',
      'vendor/lib/x.csv': 'x',
      'clone/.git/HEAD': 'ref: refs/heads/main\n',
      'clone/part/x.csv': 'x',
    });
    expect(await refusal(project, 'models/data')).toMatchObject({
      kind: 'usage',
      hint: 'mlops -C models add data',
      message: expect.stringContaining('lies in the project models'),
    });
    expect(await refusal(project, 'vendor/lib/x.csv')).toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('lies in vendor/lib, a Git repository'),
    });
    // A repository may be data as a whole; then its parts are as well.
    expect((await add(project, ['clone'])).added).toMatchObject([{ path: 'clone', files: 1 }]);
    await project.sandbox.write({ 'clone/part/y.csv': 'y' });
    expect((await add(project, ['clone/part/y.csv'])).added).toHaveLength(1);
  });

  test('what Git tracks, with the way out', async () => {
    const project = await createProject({ 'data/raw.csv': 'x' });
    await project.sandbox.commit('raw data in Git');
    const hint = 'Take it out of Git, the files stay: git rm -r --cached -- data/raw.csv';
    expect(await refusal(project, 'data/raw.csv')).toMatchObject({ kind: 'refused', hint });
    expect(await refusal(project, 'data')).toMatchObject({ kind: 'refused' });
    await project.sandbox.git('rm', '-r', '--cached', '--', 'data/raw.csv');
    expect((await add(project, ['data/raw.csv'])).added).toHaveLength(1);
  });

  test('what overlaps with other tracked data, or with another path of the same command', async () => {
    const project = await createProject({ 'data/raw.csv': 'x', 'data/b.csv': 'y' });
    expect(await refusal(project, 'data', 'data/raw.csv')).toMatchObject({ kind: 'usage' });
    await add(project, ['data/raw.csv']);
    expect(await refusal(project, 'data')).toMatchObject({
      kind: 'usage',
      message: 'data and data/raw.csv overlap, and data/raw.csv is tracked already.',
    });
  });

  test('the output of a stage, and what lies in or around one', async () => {
    const project = await createProject({
      '.mlops.yaml': 'stages:\n  prepare:\n    cmd: make\n    outs: [out/clean]\n',
      'out/clean/x.csv': 'x',
    });
    for (const path of ['out/clean', 'out', 'out/clean/x.csv']) {
      expect(await refusal(project, path)).toMatchObject({
        kind: 'usage',
        message: expect.stringContaining('an output of the stage "prepare"'),
        hint: expect.stringContaining('mlops repro prepare'),
      });
    }
  });

  test('what .mlopsignore names, with the line that does', async () => {
    const project = await createProject({ 'data/x.tmp': 'x', '.mlopsignore': '# ours\n*.tmp\n' });
    expect(await refusal(project, 'data/x.tmp')).toMatchObject({
      kind: 'usage',
      message: 'data/x.tmp is ignored by the line "*.tmp" of .mlopsignore.',
    });
  });

  test('a socket and a pipe', async () => {
    const project = await createProject({ 'data/a.txt': 'a' });
    const server = createServer().listen(project.sandbox.path('data/socket'));
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await refusal(project, 'data')).toMatchObject({
      kind: 'usage',
      message: 'data/socket is a socket; only files, folders and links can be tracked.',
    });
    execFileSync('mkfifo', [project.sandbox.path('pipe')]);
    expect(await refusal(project, 'pipe')).toMatchObject({ message: expect.stringContaining('pipe is a pipe') });
  });

  test.skipIf(process.platform === 'win32')('what cannot be read', async () => {
    const project = await createProject({ 'data/secret.csv': 'x', 'data/a.csv': 'a' });
    const error = await asNobody(project, async () => {
      chmodSync(project.sandbox.path('data/secret.csv'), 0);
      return refusal(project, 'data');
    });
    expect(error).toMatchObject({
      kind: 'file-system',
      message: expect.stringMatching(/Cannot read .*secret\.csv: permission denied\./),
    });
  });

  test('links to folders, to nothing, and paths that lead through links', async () => {
    const project = await createProject({ 'data/real/a.txt': 'a' });
    const elsewhere = project.sandbox.path('../');
    symlinkSync(elsewhere, project.sandbox.path('outside'));
    symlinkSync('nowhere', project.sandbox.path('dangling'));
    symlinkSync(elsewhere, project.sandbox.path('data/outside'));
    expect(await refusal(project, 'outside')).toMatchObject({ kind: 'usage', hint: 'Add what it points to.' });
    expect(await refusal(project, 'dangling')).toMatchObject({ kind: 'usage' });
    expect(await refusal(project, 'outside/x')).toMatchObject({
      message: 'outside/x leads through the symbolic link outside.',
    });
    expect(await refusal(project, 'data')).toMatchObject({
      message: expect.stringContaining('data/outside is a symbolic link'),
    });
  });

  test('names that some other system would take for another place', async () => {
    const project = await createProject();
    mkdirSync(project.sandbox.path('data/.GIT '), { recursive: true });
    expect(await refusal(project, 'data')).toMatchObject({
      kind: 'usage',
      message: 'data/.GIT  cannot be tracked: its name belongs to Git.',
    });
  });
});

/** Root may read everything, so the work is done as somebody who may not. */
async function asNobody<T>(project: OpenedProject, work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  execFileSync('chown', ['-R', '65534', project.sandbox.root]);
  process.seteuid?.(65534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

test('a file outside that a link in a folder points to is kept by its content', async () => {
  const project = await createProject({ 'data/a.txt': 'a', 'shared.bin': 'shared' });
  symlinkSync(join(project.sandbox.root, 'shared.bin'), project.sandbox.path('data/link.bin'));
  expect((await add(project, ['data'])).added).toMatchObject([{ files: 2, size: 7 }]);
});

test('a file that does not hold still while it is read is refused by name', async () => {
  const project = await createProject({ 'log.txt': 'x'.repeat(64_000_000) });
  const writer = spawn('sh', ['-c', 'while :; do echo x >> log.txt; done'], { cwd: project.sandbox.root });
  onTestFinished(() => void writer.kill('SIGKILL'));
  const path = project.sandbox.path('log.txt');
  while (statSync(path).size === 64_000_000) await new Promise((resolve) => setImmediate(resolve));
  await expect(add(project, ['log.txt'])).rejects.toMatchObject({
    kind: 'failed',
    message: `${path} changes while it is read.`,
  });
  expect(await lockfileOf(project)).toMatchObject({ data: {} });
});
