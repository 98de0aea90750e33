import { describe, expect, test } from 'vitest';
import { createCliProject } from '../../support/cli-project.ts';
import { shapeOf } from './shapes.ts';

describe('remove', () => {
  test('says what is no longer tracked, and the line for Git', async () => {
    const project = await createCliProject({ 'data/raw.csv': 'a\n' });
    await project.mlops('add', 'data/raw.csv');
    expect((await project.mlops('remove', 'data/raw.csv', '-n')).out).toBe(
      'Would stop tracking data/raw.csv\n(the data stays)\n',
    );
    expect((await project.mlops('remove', 'data/raw.csv')).out).toBe(`No longer tracked: data/raw.csv
(the data stays)

To keep this in Git:
  git add .mlops.lock.yaml
`);
  });

  test('names for Git only what is there or what Git knows', async () => {
    const project = await createCliProject({ 'old/g.csv': 'g' });
    await project.mlops('add', 'old/g.csv');
    await project.commit('g');
    await project.write({ 'sub/f.csv': 'f' });
    await project.mlops('add', 'sub/f.csv');
    const fresh = await project.mlops('remove', 'sub/f.csv', '--json');
    expect(fresh.json()).toMatchObject({ changedFiles: ['.mlops.lock.yaml'], toAdd: ['.mlops.lock.yaml'] });
    const moved = await project.mlops('move', 'old/g.csv', 'new/g.csv', '--json');
    const files = ['.mlops.lock.yaml', 'new/.gitignore', 'old/.gitignore'];
    expect(moved.json()).toMatchObject({ toAdd: files });
    await project.git('add', ...files);
    expect(await project.git('diff', '--cached', '--name-only', '--no-renames')).toBe(files.join('\n'));
    const back = await project.mlops('move', 'new/g.csv', 'third/g.csv', '--json');
    expect(back.json()).toMatchObject({ toAdd: ['.mlops.lock.yaml', 'third/.gitignore', 'new/.gitignore'] });
  });

  test('with --outs deletes what is safe, and is exit 8 for what is nowhere else', async () => {
    const project = await createCliProject({ 'a.csv': 'a\n', 'b.csv': 'b\n' });
    await project.mlops('add', 'a.csv', 'b.csv');
    await project.write({ 'b.csv': 'mine\n' });
    const refused = await project.mlops('remove', '--outs', 'b.csv');
    expect(refused).toMatchObject({ exitCode: 8, out: '' });
    expect(refused.err).toBe(`error: b.csv is not deleted: its bytes are not in the cache.
hint: Keep them with \`mlops add\`, or give them up: mlops remove --outs --force
`);
    const gone = await project.mlops('remove', '--outs', 'a.csv', '--json');
    expect(shapeOf(gone.json())).toEqual({
      removed: [{ path: 'string', digest: 'string', size: 'number', files: null }],
      deleted: ['string'],
      changedFiles: ['string'],
      toAdd: ['string'],
    });
    expect(project.exists('a.csv')).toBe(false);
    expect((await project.mlops('remove', '--outs', '-f', 'b.csv')).exitCode).toBe(0);
    expect(project.exists('b.csv')).toBe(false);
  });
});

describe('move', () => {
  test('says both names, who reads the old one, and the line for Git', async () => {
    const project = await createCliProject({
      'raw.csv': 'a\n',
      '.mlops.yaml': 'stages:\n  copy: { cmd: cp raw.csv c.csv, deps: [raw.csv], outs: [c.csv] }\n',
    });
    await project.mlops('add', 'raw.csv');
    expect((await project.mlops('move', 'raw.csv', 'data/raw.csv', '-n')).out).toBe(
      'Would move raw.csv to data/raw.csv\nStill read under its old name by "copy": change .mlops.yaml.\n',
    );
    expect((await project.mlops('move', 'raw.csv', 'data/raw.csv')).out).toBe(`Moved raw.csv to data/raw.csv
Still read under its old name by "copy": change .mlops.yaml.

To keep this in Git:
  git add .mlops.lock.yaml data/.gitignore .gitignore
`);
    await project.write({ 'taken.csv': 'mine\n' });
    expect(await project.mlops('move', 'data/raw.csv', 'taken.csv')).toMatchObject({ exitCode: 8 });
    expect(await project.read('taken.csv')).toBe('mine\n');
    expect(shapeOf((await project.mlops('move', 'data/raw.csv', 'b.csv', '--json')).json())).toEqual({
      from: 'string',
      to: 'string',
      readers: [],
      changedFiles: ['string'],
      toAdd: ['string'],
    });
  });
});

describe('commit', () => {
  test('accepts outputs, and is exit 8 with the reasons when more changed', async () => {
    const project = await createCliProject({
      'raw.csv': 'a\n',
      '.mlops.yaml': 'stages:\n  copy: { cmd: cp raw.csv c.csv, deps: [raw.csv], outs: [c.csv] }\n',
    });
    expect((await project.mlops('repro')).exitCode).toBe(0);
    expect((await project.mlops('commit')).out).toBe('Nothing to accept: 1 path unchanged.\n');
    await project.write({ 'c.csv': 'mine\n' });
    expect((await project.mlops('commit', '-n')).out).toBe(
      'Would accept c.csv (5 B)\nWould accept stage "copy" as it is\n',
    );
    expect((await project.mlops('commit')).out).toBe(`Accepted c.csv (5 B)
Accepted stage "copy" as it is

To keep this in Git:
  git add .mlops.lock.yaml
`);
    await project.write({ 'raw.csv': 'b\n' });
    expect(await project.mlops('commit')).toMatchObject({
      exitCode: 8,
      out: '"copy": dependency raw.csv changed\n',
      err: `error: More than outputs changed in "copy": nothing was accepted.
hint: mlops repro, or accept it all the same: mlops commit --force
`,
    });
    const forced = await project.mlops('commit', '--force', '--json');
    expect(forced.exitCode).toBe(0);
    expect(forced.json()).toMatchObject({ added: [], unchanged: ['c.csv'], stages: ['copy'], refused: [] });
  });
});

test('unprotect says which links are files of their own now', async () => {
  const project = await createCliProject({ 'a.csv': 'a\n', '.mlops.yaml': 'cache: { link: [hardlink] }\n' });
  await project.mlops('add', 'a.csv');
  expect((await project.mlops('unprotect', 'a.csv')).out).toBe('Nothing to do: 1 file, no link into the cache.\n');
  await project.git('clean', '-fdxq', 'a.csv');
  await project.mlops('checkout');
  expect((await project.mlops('unprotect', 'a.csv', '-n')).out).toBe('Would copy: 1 file\n  a.csv\n');
  expect((await project.mlops('unprotect', 'a.csv', '--json')).json()).toEqual({
    unprotected: ['a.csv'],
    unchanged: 0,
  });
  expect((await project.mlops('unprotect', 'no.csv')).exitCode).toBe(2);
});

test('a hint names paths as one types them in the folder where one is', async () => {
  const project = await createCliProject({ 'data/raw.csv': 'a\n', 'deep/er/in git.csv': 'b\n', 'deep/own/x': 'x' });
  await project.mlops('add', 'data');
  await project.git('add', '-f', 'deep/er/in git.csv');
  await project.mlops('add', 'deep/own/x');
  const hintOf = async (...argv: string[]) =>
    (await project.mlops('-C', 'deep', ...argv)).err.replace(/^[^]*hint: /, '').trim();
  expect(await hintOf('cat', '../data')).toBe('mlops ls ../data');
  expect(await hintOf('add', '../data/none')).toBe('mlops ls ../data');
  expect(await hintOf('add', 'own')).toContain('mlops remove own/x');
  expect(await hintOf('add', 'er/in git.csv')).toContain("git rm -r --cached -- 'er/in git.csv'");
  // A program gets paths from the root, here as everywhere.
  const { err } = await project.mlops('-C', 'deep', '--json', 'add', '../data/none');
  expect(JSON.parse(err)).toMatchObject({ hint: 'mlops ls data' });
});

test('what is here and not in the cache is said to be had without a remote', async () => {
  const project = await createCliProject({ 'a.csv': 'a' });
  await project.mlops('add', 'a.csv', '--no-commit');
  expect((await project.mlops('status')).out).toContain('unchanged: a.csv  (not in the cache: mlops commit)');
  await project.mlops('commit');
  expect((await project.mlops('status')).out).toBe('Clean: 1 tracked path unchanged.\n');
});
