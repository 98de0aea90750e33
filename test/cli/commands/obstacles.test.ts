import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { CheckoutResult } from '../../../src/features/data/checkout/checkout.ts';
import { createCliProject } from '../../support/cli-project.ts';
import { createFolder } from '../../support/sandbox.ts';

const NOTHING = { added: [], modified: [], deleted: [], kept: [], failed: [] };

describe('a folder in place of a tracked file', () => {
  async function withFolder(files: Record<string, string>) {
    const project = await createCliProject({ 'd.csv': 'tracked', '.mlopsignore': '*.tmp\n' });
    await project.mlops('add', 'd.csv');
    rmSync(project.path('d.csv'));
    await project.write(files);
    return project;
  }

  test.each([
    ['a Git repository', 'd.csv/sub/.git/HEAD', 'd.csv/sub/.git'],
    ['an ignored file', 'd.csv/note.tmp', 'd.csv/note.tmp'],
  ])('that holds %s stays whole, whatever is forced, and a dry run says so', async (_, file, told) => {
    const project = await withFolder({ 'd.csv/a.txt': 'mine', [file]: 'ref: refs/heads/main' });
    for (const flags of [['-n'], [], ['-f', '-n'], ['-f']]) {
      const run = await project.mlops('checkout', '--json', ...flags);
      expect(run.exitCode).toBe(8);
      expect(run.json()).toMatchObject({ ...NOTHING, failed: [{ path: 'd.csv', kind: 'refused' }] });
      expect(run.err).toContain(told);
      expect(run.err).not.toContain('--force');
      expect(project.exists('d.csv/a.txt') && project.exists(file)).toBe(true);
    }
    rmSync(project.path(told), { recursive: true });
    expect((await project.mlops('checkout', '-f')).exitCode).toBe(0);
    expect(await project.read('d.csv')).toBe('tracked');
  });

  test('goes as a whole or not at all', async () => {
    const project = await withFolder({
      'd.csv/a.txt': 'kept elsewhere',
      'a.txt': 'kept elsewhere',
      'd.csv/b.txt': 'b',
    });
    await project.mlops('add', 'a.txt');
    for (const flags of [['-n'], []]) {
      const run = await project.mlops('checkout', '--json', ...flags);
      expect(run.json()).toEqual({ ...NOTHING, kept: ['d.csv/b.txt'] });
      expect(run.exitCode).toBe(8);
      expect(readdirSync(project.path('d.csv'))).toEqual(['a.txt', 'b.txt']);
    }
    const forced = await project.mlops('checkout', '--json', '-f');
    expect(forced.json()).toEqual({ ...NOTHING, added: ['d.csv'], deleted: ['d.csv/a.txt', 'd.csv/b.txt'] });
  });
});

describe('a symbolic link on the way to what is tracked', () => {
  async function withLink() {
    const project = await createCliProject({ 'p/deep/f.csv': 'tracked' });
    await project.mlops('add', 'p/deep/f.csv');
    rmSync(project.path('p'), { recursive: true });
    const outside = await createFolder();
    mkdirSync(`${outside}/deep`);
    writeFileSync(`${outside}/deep/f.csv`, 'mine');
    symlinkSync(outside, project.path('p'));
    return project;
  }

  test('is named by checkout and pull, which write nothing behind it', async () => {
    const project = await withLink();
    await project.mlops('remote', 'add', 'origin', await createFolder());
    for (const words of [['checkout', '-n'], ['checkout', '-f'], ['checkout'], ['pull', '-f']]) {
      const run = await project.mlops(...words, '--json');
      expect(run.exitCode).toBe(8);
      const document = run.json<CheckoutResult & { checkout?: CheckoutResult }>();
      expect(document.checkout ?? document).toMatchObject({ ...NOTHING, failed: [{ path: 'p/deep/f.csv' }] });
      expect(run.err).toContain('p is a symbolic link');
    }
    expect(await project.read('p/deep/f.csv')).toBe('mine');
  });

  test('keeps remove from deleting, as it keeps move and add from their work', async () => {
    const project = await withLink();
    for (const words of [
      ['remove', '--outs', 'p/deep/f.csv'],
      ['remove', '--outs', '-f', 'p/deep/f.csv'],
      ['move', 'p/deep/f.csv', 'f.csv'],
    ]) {
      const run = await project.mlops(...words);
      expect(run.exitCode).toBe(2);
      expect(run.err).toContain('leads through the symbolic link p');
    }
    expect(await project.read('.mlops.lock.yaml')).toContain('p/deep/f.csv');
    expect((await project.mlops('remove', 'p/deep/f.csv')).exitCode).toBe(0);
    expect(await project.read('p/deep/f.csv')).toBe('mine');
  });
});

test('a link to nothing in a tracked folder is told as being in the way', async () => {
  const project = await createCliProject({ 'd/a.txt': 'a' });
  await project.mlops('add', 'd');
  await project.write({ 'd/a.txt': 'b' });
  symlinkSync('/nowhere', project.path('d/lost'));
  const run = await project.mlops('checkout', '--json');
  expect(run.exitCode).toBe(8);
  expect(run.err).toContain('d/lost is a symbolic link to nothing');
});

test('an output that Git keeps, and nobody has, is missing when it is named, and told when it is not', async () => {
  const pipeline = 'stages: { s: { cmd: "echo 1 > o", outs: [{ o: { cache: false } }] } }\n';
  const project = await createCliProject({ '.mlops.yaml': pipeline });
  await project.mlops('repro');
  rmSync(project.path('o'));
  const named = await project.mlops('checkout', 'o', '--json');
  expect(named.exitCode).toBe(4);
  expect(named.json()).toMatchObject({ failed: [{ path: 'o', reason: 'It is not in the cache.' }] });
  const all = await project.mlops('checkout');
  expect(all.exitCode).toBe(0);
  expect(all.err).toContain('o is gone. It is kept in Git, and not in the cache.');
  expect(all.err).toContain('git checkout -- o');
});

test('links into a cache that is gone are no obstacle: what is missing is told, and pull makes them anew', async () => {
  const project = await createCliProject({ 'd/a.txt': 'a', 'd/s/b.txt': 'b', 'c.csv': 'c' });
  await project.write({ '.mlops.yaml': 'cache: { link: [symlink] }\n' });
  await project.mlops('remote', 'add', '-d', 'origin', await createFolder());
  await project.mlops('add', 'd', 'c.csv');
  await project.mlops('push');
  await project.mlops('checkout', '--relink');
  rmSync(project.path('.mlops/cache'), { recursive: true });
  const missing = await project.mlops('checkout', '--json');
  expect(missing.exitCode).toBe(4);
  expect(missing.json<CheckoutResult>().failed.map(({ kind }) => kind)).toEqual(['data-missing', 'data-missing']);
  const pulled = await project.mlops('pull', '--json');
  expect(pulled.exitCode).toBe(0);
  expect(await project.read('d/s/b.txt')).toBe('b');
  expect((await project.mlops('status', '--check')).exitCode).toBe(0);
});
