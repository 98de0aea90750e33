import { execFileSync } from 'node:child_process';
import { lstatSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCliProject } from '../../support/cli-project.ts';
import { createFolder, createSandbox } from '../../support/sandbox.ts';

describe('add', () => {
  test('--glob tracks each file that matches by itself', async () => {
    const project = await createCliProject({ 'data/a.csv': 'a', 'data/deep/b.csv': 'b', 'data/c.txt': 'c' });
    expect((await project.mlops('add', '--glob', 'data/**/*.csv')).out).toContain(
      'Added data/a.csv (1 B)\nAdded data/deep/b.csv (1 B)\n',
    );
    expect(await project.mlops('add', '--glob', '*.parquet')).toMatchObject({ exitCode: 2 });
  });

  test('--out tracks a copy of what lies elsewhere, and overwrites nothing', async () => {
    const elsewhere = await createSandbox({ 'export/1.csv': 'one', 'export/2.csv': 'two' });
    const project = await createCliProject({ 'mine.csv': 'mine' });
    const dry = await project.mlops('add', elsewhere.path('export'), '--out', 'data/raw', '-n', '--json');
    expect(project.exists('data')).toBe(false);
    const real = await project.mlops('add', elsewhere.path('export'), '--out', 'data/raw', '--json');
    expect(real.json<{ added: unknown }>().added).toEqual(dry.json<{ added: unknown }>().added);
    expect(await project.read('data/raw/1.csv')).toBe('one');
    expect(await elsewhere.read('export/1.csv')).toBe('one');

    const file = elsewhere.path('export/1.csv');
    expect(await project.mlops('add', file, '--out', 'mine.csv')).toMatchObject({ exitCode: 8 });
    expect(await project.read('mine.csv')).toBe('mine');
    expect(await project.mlops('add', file, '--out', 'mine.csv', '--force')).toMatchObject({ exitCode: 0 });
    expect(await project.read('mine.csv')).toBe('one');
    expect(await project.mlops('add', file, 'mine.csv', '--out', 'x')).toMatchObject({ exitCode: 2 });
    expect(await project.mlops('add', join(await createFolder(), 'no'), '--out', 'x')).toMatchObject({ exitCode: 2 });
    expect(await project.mlops('add', file, '--out', '../x')).toMatchObject({ exitCode: 2 });
  });

  test('--out refuses a place before it touches it, --force or not', async () => {
    const outside = await createSandbox({ f: 'theirs', '.git/config': 'x' });
    const project = await createCliProject({
      n: 'new',
      'data/a': 'a',
      'data/b': 'b',
      'code/main.py': 'code',
      'clone/.git/HEAD': 'x',
      'out.csv': 'made',
      'kept.log': 'log',
      '.mlopsignore': '*.log\n',
    });
    symlinkSync(outside.root, project.path('lk'));
    await project.git('add', '-f', 'code/main.py');
    await project.mlops('add', 'data/a');
    const places = ['.git', '.', '.mlops', '.mlops.yaml', 'lk/f', 'lk', 'data', 'kept.log'];
    for (const place of places) {
      for (const more of [['-n'], []]) {
        const args = ['add', 'n', '--out', place, '-f', ...more];
        expect(await project.mlops(...args)).toMatchObject({ exitCode: 2 });
      }
    }
    expect(await project.mlops('add', 'n', '--out', 'code', '-f')).toMatchObject({ exitCode: 8 });
    expect(await project.mlops('add', 'n', '--out', 'clone', '-f')).toMatchObject({ exitCode: 8 });
    expect(await outside.read('f')).toBe('theirs');
    expect(await project.read('data/b')).toBe('b');
    expect(await project.read('code/main.py')).toBe('code');
    expect(await project.read('kept.log')).toBe('log');
    expect(['.git/HEAD', '.mlops.yaml', 'clone/.git/HEAD'].every((path) => project.exists(path))).toBe(true);
  });

  test('--out puts back what was there when the copy cannot be tracked', async () => {
    const elsewhere = await createSandbox({ 'bad/a': 'a' });
    symlinkSync('/nowhere', elsewhere.path('bad/link'));
    const project = await createCliProject({ 'old/x': 'old' });
    for (const place of ['old', 'new']) {
      expect(await project.mlops('add', elsewhere.path('bad'), '--out', place, '-f')).toMatchObject({ exitCode: 2 });
    }
    expect(await project.read('old/x')).toBe('old');
    expect(project.exists('old/a')).toBe(false);
    expect(project.exists('new')).toBe(false);
  });

  test('--out says what cannot be copied', async () => {
    const project = await createCliProject({ 'pipes/a': 'a' });
    symlinkSync('nothing', project.path('dangling'));
    execFileSync('mkfifo', [project.path('pipes/fifo')]);
    const holdsItself = await project.mlops('add', '.', '--out', 'zz');
    expect(holdsItself).toMatchObject({ exitCode: 2 });
    expect(holdsItself.err).toContain('. holds the project, which cannot be copied into itself.');
    for (const source of ['dangling', 'pipes', 'pipes/fifo']) {
      expect(await project.mlops('add', source, '--out', 'zz')).toMatchObject({ exitCode: 2 });
    }
    expect(await project.mlops('add', 'pipes/a', '--out', 'pipes', '-f')).toMatchObject({ exitCode: 2 });
    expect(await project.read('pipes/a')).toBe('a');
    expect(project.exists('zz')).toBe(false);
  });

  test('--no-commit names what commit puts into the cache later', async () => {
    const project = await createCliProject({ 'data/a.csv': 'a' });
    expect((await project.mlops('add', 'data', '--no-commit')).exitCode).toBe(0);
    expect(project.exists('.mlops/cache')).toBe(false);
    expect((await project.mlops('status', '--json')).json()).toMatchObject({
      data: [{ path: 'data', state: 'unchanged', cached: false }],
    });
    expect((await project.mlops('commit')).exitCode).toBe(0);
    expect((await project.mlops('status', '--json')).json()).toMatchObject({
      data: [{ path: 'data', state: 'unchanged', cached: true }],
    });
    rmSync(project.path('data'), { recursive: true });
    await project.mlops('checkout');
    expect(await project.read('data/a.csv')).toBe('a');
  });
});

describe('checkout', () => {
  test('--rev brings what another revision had, and leaves the lockfile alone', async () => {
    const project = await createCliProject({ 'raw.csv': 'one' });
    await project.mlops('add', 'raw.csv');
    await project.commit('one');
    await project.write({ 'raw.csv': 'two', 'new.csv': 'new' });
    await project.mlops('add', 'raw.csv', 'new.csv');
    await project.commit('two');
    const lockfile = await project.read('.mlops.lock.yaml');
    expect((await project.mlops('checkout', 'raw.csv', '--rev', 'HEAD~1')).out).toContain('modified  raw.csv');
    expect(await project.read('raw.csv')).toBe('one');
    expect(await project.read('.mlops.lock.yaml')).toBe(lockfile);
    await project.mlops('checkout', '--rev', 'HEAD~1');
    expect(project.exists('new.csv')).toBe(false);
    await project.write({ 'raw.csv': 'nowhere else' });
    expect(await project.mlops('checkout', '--rev', 'HEAD~1')).toMatchObject({ exitCode: 8 });
    expect(await project.read('raw.csv')).toBe('nowhere else');
    await project.write({ 'raw.csv': 'one' });
    await project.mlops('checkout');
    expect([await project.read('raw.csv'), await project.read('new.csv')]).toEqual(['two', 'new']);
  });

  test('--rev keeps what only that revision tracks out of sight of Git, until it is gone', async () => {
    const project = await createCliProject({ 'sub/keep.csv': 'k', 'sub/a b*.csv': 'old' });
    await project.mlops('add', 'sub/keep.csv', 'sub/a b*.csv');
    await project.commit('one');
    await project.mlops('remove', '--outs', 'sub/a b*.csv');
    await project.commit('two');
    const excludes = await project.read('.git/info/exclude');
    expect((await project.mlops('checkout', '--rev', 'HEAD~1')).exitCode).toBe(0);
    expect(await project.read('sub/a b*.csv')).toBe('old');
    expect(await project.git('status', '--porcelain')).toBe('');
    expect((await project.mlops('checkout', '--json')).json()).toMatchObject({ deleted: ['sub/a b*.csv'] });
    expect(await project.read('.git/info/exclude')).toBe(excludes);

    await project.mlops('checkout', '--rev', 'HEAD~1');
    await project.mlops('add', 'sub/a b*.csv');
    await project.mlops('remove', 'sub/a b*.csv');
    expect(await project.git('status', '--porcelain')).toBe('?? "sub/a b*.csv"');
  });

  test('--relink makes links of copies, and copies of links; what was changed stays', async () => {
    const project = await createCliProject({ 'images/1.png': 'one', 'images/2.png': 'two', 'a.csv': 'a' });
    await project.mlops('add', 'images', 'a.csv');
    const kindOf = (path: string) => {
      const stat = lstatSync(project.path(path));
      return stat.isSymbolicLink() ? 'symlink' : stat.nlink > 1 ? 'hardlink' : 'copy';
    };
    for (const link of ['hardlink', 'symlink', 'copy']) {
      await project.write({ '.mlops.yaml': `cache: { link: [${link}] }\n` });
      const relinked = await project.mlops('checkout', '--relink', 'images', '--json');
      expect(relinked).toMatchObject({ exitCode: 0 });
      expect(relinked.json()).toMatchObject({ modified: ['images/1.png', 'images/2.png'], kept: [] });
      expect([kindOf('images/1.png'), kindOf('a.csv')]).toEqual([link, 'copy']);
      expect((await project.mlops('checkout', '--relink', 'images', '--json')).json()).toMatchObject({ modified: [] });
      expect((await project.mlops('status', '--check')).exitCode).toBe(0);
    }
    await project.write({ '.mlops.yaml': 'cache: { link: [hardlink] }\n', 'images/1.png': 'changed' });
    expect(await project.mlops('checkout', '--relink')).toMatchObject({ exitCode: 8 });
    expect(await project.read('images/1.png')).toBe('changed');
    expect(kindOf('images/2.png')).toBe('hardlink');
  });
});
