import { chmodSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { StatusResult } from '../../../src/features/pipeline/status.ts';
import { createCliProject } from '../../support/cli-project.ts';
import { runMlops } from '../../support/run-mlops.ts';
import { createFolder, createSandbox } from '../../support/sandbox.ts';
import { shapeOf } from './shapes.ts';

describe('init', () => {
  test('says what it made, and what comes next', async () => {
    const sandbox = await createSandbox();
    const { exitCode, out } = await runMlops({ cwd: sandbox.root }, 'init');
    expect(exitCode).toBe(0);
    expect(out).toBe(`A new project in ${sandbox.root}
  .gitignore  (staged in Git)
  .mlops.yaml  (staged in Git)
  .mlopsignore  (staged in Git)

Next:
  mlops add <file or folder>     track data
  edit .mlops.yaml               describe stages
  mlops repro                    run them
`);
    expect(await sandbox.git('diff', '--cached', '--name-only')).toBe('.gitignore\n.mlops.yaml\n.mlopsignore');
  });

  test('only says what it would write in a dry run, and what it completed when forced', async () => {
    const sandbox = await createSandbox();
    expect((await runMlops({ cwd: sandbox.root }, 'init', '-n')).out).toContain('  .mlops.yaml  (staged in Git)\n');
    expect(sandbox.exists('.mlops')).toBe(false);
    expect(await sandbox.git('status', '--porcelain')).toBe('');
    await runMlops({ cwd: sandbox.root }, 'init');
    rmSync(sandbox.path('.mlopsignore'));
    const { out } = await runMlops({ cwd: sandbox.root }, 'init', '--force');
    expect(out).toBe(`Completed the project in ${sandbox.root}\n  .mlopsignore  (staged in Git)\n`);
  });

  test('refuses to do it twice, and outside Git without being told so', async () => {
    const { mlops } = await createCliProject();
    expect(await mlops('init')).toMatchObject({ exitCode: 8 });
    expect((await mlops('init', '--force')).out).toContain('lacks nothing');
    const folder = await createFolder();
    expect((await runMlops({ cwd: folder }, 'init')).exitCode).toBe(7);
    const { json } = await runMlops({ cwd: folder }, 'init', '--no-git', '--json');
    expect(shapeOf(json())).toEqual({
      root: 'string',
      isNew: 'boolean',
      git: 'boolean',
      files: ['string'],
      staged: [],
    });
  });
});

test('root is the same from everywhere inside', async () => {
  const project = await createCliProject({ 'a/b/c.txt': '' });
  expect((await project.mlops('root', '-C', 'a/b')).out).toBe(`${project.root}\n`);
});

describe('add', () => {
  test('says what was added and the exact line for Git, as seen from the current folder', async () => {
    const project = await createCliProject({ 'data/raw.csv': 'a\n1\n', 'data/my images/1.png': 'png' });
    const { out } = await project.mlops('add', 'data/raw.csv', 'data/my images');
    expect(out).toBe(`Added data/raw.csv (4 B)
Added data/my images (1 file, 3 B)

To keep this in Git:
  git add .mlops.lock.yaml data/.gitignore
`);
    await project.git('add', '.');
    expect((await project.mlops('add', 'data/raw.csv')).out).toBe('Nothing to add: 1 path unchanged.\n');

    await project.write({ 'data/raw.csv': 'a\n2\n' });
    const inside = await runMlops({ cwd: project.path('data') }, 'add', 'raw.csv');
    expect(inside.out).toBe(`Added raw.csv (4 B)

To keep this in Git:
  git add ../.mlops.lock.yaml
`);
  });

  test('with autostage does that itself', async () => {
    const project = await createCliProject({ 'raw.csv': 'a\n', '.mlops.yaml': 'autostage: true\n' });
    expect((await project.mlops('add', 'raw.csv')).out).toBe('Added raw.csv (2 B)\n');
    expect(await project.git('diff', '--cached', '--name-only')).toContain('.mlops.lock.yaml');
  });

  test('with autostage says what Git would not take, and does it the next time', async () => {
    const project = await createCliProject({ 'raw.csv': 'a\n', '.mlops.yaml': 'autostage: true\n' });
    await project.write({ '.git/index.lock': '' });
    const { exitCode, out, err } = await project.mlops('add', 'raw.csv');
    expect(exitCode).toBe(0);
    expect(out).toContain('git add .gitignore .mlops.lock.yaml');
    expect(err).toContain('Git could not stage the files');
    expect(err).not.toContain('..\n');
    rmSync(project.path('.git/index.lock'));
    expect((await project.mlops('add', 'raw.csv')).out).toBe('Nothing to add: 1 path unchanged.\n');
    expect((await project.git('diff', '--cached', '--name-only')).split('\n')).toEqual(
      expect.arrayContaining(['.gitignore', '.mlops.lock.yaml']),
    );
  });

  test('as a dry run names what the real run adds, and leaves everything as it is', async () => {
    const project = await createCliProject({ 'raw.csv': 'a\n' });
    expect((await project.mlops('add', 'raw.csv', '-n')).out).toBe('Would add raw.csv (2 B)\n');
    expect(project.exists('.mlops.lock.yaml')).toBe(false);
  });

  test('has the document of the contract', async () => {
    const { mlops } = await createCliProject({ 'raw.csv': 'a\n', 'images/1.png': 'png' });
    const added = (await mlops('add', 'raw.csv', 'images', '--json')).json<{
      added: unknown[];
      unchanged: unknown[];
    }>();
    expect(added.added.map(shapeOf)).toEqual([
      { path: 'string', digest: 'string', size: 'number', files: null },
      { path: 'string', digest: 'string', size: 'number', files: 'number' },
    ]);
    expect(added.unchanged).toEqual([]);
  });

  test('takes a part that is gone out of its folder, and says so; what was never in it is a mistake', async () => {
    const project = await createCliProject({ 'd/a': 'a', 'd/b': 'b' });
    await project.mlops('add', 'd');
    rmSync(project.path('d/b'));
    expect((await project.mlops('add', '-n', 'd/b')).out).toBe('Would take out d/b\n');
    expect((await project.mlops('add', 'd/b', '--json')).json()).toMatchObject({ added: [], removed: ['d/b'] });
    expect((await project.mlops('status', '--json')).json()).toMatchObject({ clean: true });
    for (const flags of [['-n'], []]) {
      const wrong = await project.mlops('add', ...flags, 'd/b');
      expect(wrong).toMatchObject({
        exitCode: 2,
        err: expect.stringContaining('There is no d/b, and d has no such part.'),
      });
    }
  });

  test('refuses what is not there, by name', async () => {
    const { mlops } = await createCliProject();
    const { exitCode, err } = await mlops('add', 'nowhere.csv');
    expect(exitCode).toBe(2);
    expect(err).toContain('nowhere.csv');
  });
});

describe('checkout', () => {
  test('brings back what the lockfile says, and says nothing of the rest', async () => {
    const project = await createCliProject({ 'a.csv': 'a\n', 'b.csv': 'b\n' });
    await project.mlops('add', 'a.csv', 'b.csv');
    rmSync(project.path('a.csv'));
    expect((await project.mlops('checkout')).out).toBe('1 file changed in the workspace:\n  added     a.csv\n');
    expect(await project.read('a.csv')).toBe('a\n');
    expect((await project.mlops('checkout')).out).toBe('Nothing to check out.\n');
  });

  test('never overwrites bytes that are nowhere else: exit 8, until --force', async () => {
    const project = await createCliProject({ 'a.csv': 'a\n' });
    await project.mlops('add', 'a.csv');
    await project.write({ 'a.csv': 'mine\n' });
    const refused = await project.mlops('checkout', '--json');
    expect(refused.exitCode).toBe(8);
    expect(refused.json()).toEqual({ added: [], modified: [], deleted: [], kept: ['a.csv'], failed: [] });
    expect(JSON.parse(refused.err.trim().split('\n').at(-1) ?? '')).toMatchObject({ type: 'error', kind: 'refused' });
    expect(await project.read('a.csv')).toBe('mine\n');
    const forced = await project.mlops('checkout', '--force');
    expect(forced).toMatchObject({ exitCode: 0, out: '1 file changed in the workspace:\n  modified  a.csv\n' });
    expect(await project.read('a.csv')).toBe('a\n');
  });

  test('what is nowhere is exit 4, by path; the rest is done', async () => {
    const project = await createCliProject({ 'a.csv': 'a\n' });
    await project.mlops('add', 'a.csv');
    rmSync(project.path('a.csv'));
    rmSync(project.path('.mlops/cache'), { recursive: true });
    const { exitCode, out, err } = await project.mlops('checkout');
    expect(exitCode).toBe(4);
    expect(out).toContain('failed    a.csv: ');
    expect(err).toContain('hint: mlops pull');
    expect((await project.mlops('checkout', '--allow-missing')).exitCode).toBe(0);
  });
});

describe('status', () => {
  test('is a line when clean, and exits with 9 on --check when not', async () => {
    const project = await createCliProject({ 'a.csv': 'a\n' });
    expect((await project.mlops('status')).out).toContain('Nothing is tracked yet.');
    await project.mlops('add', 'a.csv');
    expect(await project.mlops('status', '--check')).toMatchObject({
      exitCode: 0,
      out: 'Clean: 1 tracked path unchanged.\n',
    });
    await project.write({ 'a.csv': 'b\n' });
    const { exitCode, out, err } = await project.mlops('status', '--check');
    expect(exitCode).toBe(9);
    expect(out).toContain('  modified:  a.csv\n');
    expect(err).toBe('error: The project is not clean.\nhint: mlops status\n');
    expect((await project.mlops('status')).exitCode).toBe(0);
  });

  test('has the document of the contract', async () => {
    const project = await createCliProject({
      'a.csv': 'a\n',
      '.mlops.yaml': 'stages:\n  copy: { cmd: cp a.csv b.csv, deps: [a.csv], outs: [b.csv] }\n',
    });
    await project.mlops('add', 'a.csv');
    expect(shapeOf((await project.mlops('status', '--json')).json())).toEqual({
      clean: 'boolean',
      data: [{ path: 'string', kind: 'string', state: 'string', cached: 'boolean' }],
      stages: [{ stage: 'string', state: 'string', reasons: [{ type: 'string' }] }],
      remote: null,
      untracked: null,
    });
  });
});

describe('status --untracked', () => {
  test('names what neither Git nor mlops nor a stage has, one by one, also without Git', async () => {
    const files = {
      'code.py': 'c',
      'd/a': 'a',
      'e.csv': 'e',
      'notes/x y.txt': 'n',
      'notes/t.tmp': 't',
      'out.csv': 'o',
    };
    const pipeline = 'stages: { s: { cmd: "echo", outs: [out.csv] } }\n';
    const project = await createCliProject({ ...files, '.mlops.yaml': pipeline, '.mlopsignore': '*.tmp\n' });
    await project.mlops('add', 'd', 'e.csv');
    await project.git('add', 'code.py', '.gitignore');
    const untracked = async () =>
      (await project.mlops('status', '--untracked', '--json')).json<StatusResult>().untracked;
    expect(await untracked()).toEqual(['notes/x y.txt']);
    expect((await project.mlops('status', '--untracked')).out).toContain('Tracked by nobody:\n');
    rmSync(project.path('.git'), { recursive: true });
    expect(await untracked()).toEqual(['.gitignore', 'code.py', 'notes/x y.txt']);
  });
});

describe('diff', () => {
  test('lists files one by one, also inside folders, and counts them', async () => {
    const project = await createCliProject({ 'a.csv': 'a\n', 'images/1.png': 'one', 'images/2.png': 'two' });
    await project.mlops('add', 'a.csv', 'images');
    await project.commit('first');
    await project.write({ 'a.csv': 'longer\n', 'images/3.png': 'three' });
    rmSync(project.path('images/2.png'));
    expect((await project.mlops('diff')).out).toBe(`From HEAD to workspace:
  added:     images/3.png  (5 B)
  deleted:   images/2.png  (3 B)
  modified:  a.csv  (2 B → 7 B)
1 added, 1 modified, 1 deleted.
`);
    expect((await project.mlops('diff', '--md', '--', 'images')).out).toBe(`| change | path | size |
| --- | --- | --- |
| added | images/3.png | 5 B |
| deleted | images/2.png | 3 B |
`);
    expect((await project.mlops('diff', 'HEAD..HEAD')).out).toBe('No tracked file changed from HEAD to HEAD.\n');
  });

  test('has the document of the contract', async () => {
    const project = await createCliProject({ 'a.csv': 'a\n', 'b.csv': 'bbb\n' });
    await project.mlops('add', 'a.csv', 'b.csv');
    await project.commit('first');
    await project.write({ 'a.csv': 'b\n' });
    rmSync(project.path('b.csv'));
    const side = { digest: 'string', size: 'number', kind: 'string' };
    expect(shapeOf((await project.mlops('diff', '--json')).json())).toEqual({
      from: 'string',
      to: 'string',
      added: [],
      deleted: [{ path: 'string', digest: 'string', size: 'number' }],
      modified: [{ path: 'string', before: side, after: side }],
      renamed: [],
    });
  });

  test('says what changed where the bytes did not, and keeps a name to its line', async () => {
    const project = await createCliProject({ tool: '#!\n', 'a\nb\u001b[1m.csv': 'x' });
    await project.mlops('add', 'tool', 'a\nb\u001b[1m.csv');
    await project.commit('first');
    chmodSync(project.path('tool'), 0o755);
    await project.write({ 'a\nb\u001b[1m.csv': 'xy' });
    expect((await project.mlops('diff')).out).toBe(`From HEAD to workspace:
  modified:  "a\\nb\\033[1m.csv"  (1 B → 2 B)
  modified:  tool  (now executable)
2 modified.
`);
  });

  test('of a revision that Git does not know is exit 2', async () => {
    const { mlops } = await createCliProject();
    expect((await mlops('diff', 'no-such-branch')).exitCode).toBe(2);
  });
});
