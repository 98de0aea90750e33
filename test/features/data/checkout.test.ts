import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CheckoutRequest, checkoutPaths } from '../../../src/features/data/checkout/checkout.ts';
import { dataStatus } from '../../../src/features/data/status.ts';
import { encodeTree } from '../../../src/core/tree.ts';
import { encodeLockfile } from '../../../src/stores/documents/lockfile.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { createProject, type OpenedProject } from '../../support/open-project.ts';
import { createFolder } from '../../support/sandbox.ts';
import { track } from '../../support/tracking.ts';

const NOTHING = { added: [], modified: [], deleted: [], kept: [], failed: [] };
const checkout = async (project: OpenedProject, more: Partial<CheckoutRequest> = {}) =>
  checkoutPaths(await project.open(), { targets: [], force: false, allowMissing: false, ...more });

async function projectWith(files: Record<string, string>, ...tracked: string[]): Promise<OpenedProject> {
  const project = await createProject(files);
  await track(await project.open(), ...tracked);
  return project;
}

/** A folder that is none of the project's business. */
async function outsideWith(files: Record<string, string>): Promise<string> {
  const folder = await createFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** The object of a text in the project's own cache. */
function objectOf(project: OpenedProject, text: string | Uint8Array): string {
  const hex = digestOf(text).slice('blake3:'.length);
  return project.sandbox.path(`.mlops/cache/v1/objects/${hex.slice(0, 2)}/${hex.slice(2)}`);
}

describe('checkout', () => {
  test('brings back what is gone and what was changed, and then has nothing to do', async () => {
    const project = await projectWith({ 'data/a.txt': 'a', 'data/deep/b.txt': 'b', 'raw.csv': 'x' }, 'data', 'raw.csv');
    rmSync(project.sandbox.path('data'), { recursive: true });
    expect(await checkout(project)).toEqual({ ...NOTHING, added: ['data/a.txt', 'data/deep/b.txt'] });
    expect(await project.sandbox.read('data/deep/b.txt')).toBe('b');
    expect(await checkout(project)).toEqual(NOTHING);
  });

  test('follows the lockfile from one version to another and back', async () => {
    const project = await projectWith({ 'data/a.txt': 'one', 'data/old.txt': 'old' }, 'data');
    await project.sandbox.commit('one');
    rmSync(project.sandbox.path('data/old.txt'));
    await project.sandbox.write({ 'data/a.txt': 'two', 'data/new.txt': 'new' });
    await track(await project.open(), 'data');
    await project.sandbox.commit('two');

    await project.sandbox.git('checkout', '--quiet', 'HEAD~1');
    expect(await checkout(project)).toEqual({
      ...NOTHING,
      added: ['data/old.txt'],
      modified: ['data/a.txt'],
      deleted: ['data/new.txt'],
    });
    expect(await project.sandbox.read('data/a.txt')).toBe('one');
    await project.sandbox.git('checkout', '--quiet', 'main');
    expect((await checkout(project)).deleted).toEqual(['data/old.txt']);
    expect(await project.sandbox.read('data/new.txt')).toBe('new');
  });

  test('executable files, empty folders and links within a folder come back as they were', async () => {
    const project = await createProject({ 'data/tool': '#!/bin/sh\n', 'data/real.txt': 'r' });
    chmodSync(project.sandbox.path('data/tool'), 0o755);
    mkdirSync(project.sandbox.path('data/empty/deeper'), { recursive: true });
    mkdirSync(project.sandbox.path('data/links'));
    symlinkSync('../real.txt', project.sandbox.path('data/links/up'));
    symlinkSync('nowhere', project.sandbox.path('data/links/dangling'));
    await track(await project.open(), 'data');
    rmSync(project.sandbox.path('data'), { recursive: true });
    await checkout(project);
    expect(statSync(project.sandbox.path('data/tool')).mode & 0o111).toBe(0o111);
    expect(statSync(project.sandbox.path('data/real.txt')).mode & 0o111).toBe(0);
    expect(lstatSync(project.sandbox.path('data/empty/deeper')).isDirectory()).toBe(true);
    expect(readlinkSync(project.sandbox.path('data/links/up'))).toBe('../real.txt');
    expect(readlinkSync(project.sandbox.path('data/links/dangling'))).toBe('nowhere');
    expect(await checkout(project)).toEqual(NOTHING);
    chmodSync(project.sandbox.path('data/tool'), 0o644);
    expect(await checkout(project)).toEqual({ ...NOTHING, modified: ['data/tool'] });
  });

  test('a file in place of a folder, and a folder in place of a file, are put right', async () => {
    const project = await projectWith({ 'data/a': 'a', 'data/b/c': 'c' }, 'data');
    rmSync(project.sandbox.path('data/b'), { recursive: true });
    rmSync(project.sandbox.path('data/a'));
    await project.sandbox.write({ 'data/b': 'a', 'data/a/x': 'c' });
    await checkout(project);
    expect(await project.sandbox.read('data/a')).toBe('a');
    expect(await project.sandbox.read('data/b/c')).toBe('c');
    expect(await checkout(project)).toEqual(NOTHING);
  });

  test('what the lockfile no longer names goes, if an earlier checkout put it there', async () => {
    const project = await projectWith({ 'keep.csv': 'k' }, 'keep.csv');
    await project.sandbox.commit('one');
    await project.sandbox.write({ 'data/a.txt': 'a', 'loose.csv': 'l' });
    await track(await project.open(), 'data', 'loose.csv');
    await project.sandbox.commit('two');
    await project.sandbox.write({ 'data/mine.txt': 'not in the cache' });
    await project.sandbox.git('checkout', '--quiet', 'HEAD~1');

    expect(await checkout(project)).toEqual({
      ...NOTHING,
      deleted: ['data/a.txt', 'loose.csv'],
      kept: ['data/mine.txt'],
    });
    expect(await checkout(project)).toEqual({ ...NOTHING, kept: ['data/mine.txt'] });
    expect((await checkout(project, { force: true })).deleted).toEqual(['data/mine.txt']);
    expect(project.sandbox.exists('data')).toBe(false);
  });

  test('a name that reads like a pattern of one that stays is no part of it', async () => {
    const project = await projectWith({ 'a[b].csv': '1', 'ab.csv': '2' }, 'a[b].csv', 'ab.csv');
    const lines = (await project.sandbox.read('.mlops.lock.yaml')).split('\n').filter((line) => !line.includes('a[b]'));
    await project.sandbox.write({ '.mlops.lock.yaml': lines.join('\n') });
    expect(await checkout(project)).toEqual({ ...NOTHING, deleted: ['a[b].csv'] });
  });

  test('behind a link in place of a tracked path nothing is touched, whatever is forced', async () => {
    const project = await projectWith({ 'lnk.csv': 'x', 'd/p': 'p', 'deep/er/q': 'q' }, 'lnk.csv', 'd', 'deep/er');
    const outside = await outsideWith({ p: 'precious', x: 'x', 'er/q': 'precious' });
    const { sandbox } = project;
    for (const path of ['lnk.csv', 'd', 'deep']) {
      rmSync(sandbox.path(path), { recursive: true });
      symlinkSync(outside, sandbox.path(path));
    }
    const first = await checkout(project);
    expect(first).toMatchObject({ added: [], deleted: [], kept: ['d', 'lnk.csv'] });
    expect(first.failed.map(({ path }) => path)).toEqual(['deep/er']);
    const forced = await checkout(project, { force: true });
    expect(forced).toMatchObject({ added: ['d/p'], modified: ['lnk.csv'], kept: [] });
    expect(forced.failed.map(({ path }) => path)).toEqual(['deep/er']);
    expect(readdirSync(outside).sort()).toEqual(['er', 'p', 'x']);
    expect(readFileSync(join(outside, 'p'), 'utf8')).toBe('precious');
    expect(readFileSync(join(outside, 'er/q'), 'utf8')).toBe('precious');
    expect(await sandbox.read('d/p')).toBe('p');
    expect(await sandbox.read('lnk.csv')).toBe('x');
  });

  test('what the lockfile no longer names is not looked for behind a link', async () => {
    const project = await projectWith({ 'd/p': 'p' }, 'd/p');
    const outside = await outsideWith({ p: 'p' });
    rmSync(project.sandbox.path('d'), { recursive: true });
    symlinkSync(outside, project.sandbox.path('d'));
    await project.sandbox.write({ '.mlops.lock.yaml': 'version: 1\n' });
    expect(await checkout(project, { force: true })).toEqual(NOTHING);
    expect(readdirSync(outside)).toEqual(['p']);
  });

  test('a link to nothing in place of a folder or a file is kept, and makes way when forced', async () => {
    const project = await projectWith({ 'd/x': 'x', 'f.csv': 'f' }, 'd', 'f.csv');
    for (const path of ['d', 'f.csv']) {
      rmSync(project.sandbox.path(path), { recursive: true });
      symlinkSync('/nowhere', project.sandbox.path(path));
    }
    expect(await checkout(project)).toEqual({ ...NOTHING, kept: ['d', 'f.csv'] });
    expect(await checkout(project, { force: true })).toMatchObject({ added: ['d/x'], modified: ['f.csv'] });
    expect(await project.sandbox.read('f.csv')).toBe('f');
  });

  test('an empty lockfile is a damaged one, and nothing is deleted because of it', async () => {
    const project = await projectWith({ 'f.csv': 'f' }, 'f.csv');
    await project.sandbox.write({ '.mlops.lock.yaml': '' });
    await expect(checkout(project)).rejects.toMatchObject({ kind: 'invalid-file' });
    expect(project.sandbox.exists('f.csv')).toBe(true);
  });

  test('what could not be brought was never here', async () => {
    const project = await projectWith({ 'd/x': 'x', 'f.csv': 'f' }, 'd', 'f.csv');
    for (const path of ['d', 'f.csv', '.mlops']) rmSync(project.sandbox.path(path), { recursive: true });
    expect((await checkout(project)).failed).toHaveLength(2);
    const rows = await dataStatus(await project.open(), []);
    expect(rows.map(({ state }) => state)).toEqual(['absent', 'absent']);
  });

  test('folders without files are told too', async () => {
    const project = await createProject({ 'd/a': 'a' });
    mkdirSync(project.sandbox.path('dd'));
    mkdirSync(project.sandbox.path('d/none'));
    await track(await project.open(), 'dd', 'd');
    rmSync(project.sandbox.path('dd'), { recursive: true });
    rmSync(project.sandbox.path('d/none'), { recursive: true });
    mkdirSync(project.sandbox.path('d/new'));
    expect(await checkout(project)).toEqual({ ...NOTHING, added: ['d/none', 'dd'], deleted: ['d/new'] });
    expect(await checkout(project)).toEqual(NOTHING);
  });

  test('a dry run names what the real run does, and touches nothing', async () => {
    const files = {
      'd/a': 'a',
      'd/b/c': 'c',
      'gone/x': 'x',
      'f.csv': 'f',
      'old.csv': 'o',
      'lost.csv': 'l',
      'm/y': 'y',
    };
    const project = await projectWith(files, 'd', 'gone', 'f.csv', 'old.csv', 'lost.csv', 'm');
    const { sandbox } = project;
    const lockfile = await sandbox.read('.mlops.lock.yaml');
    await sandbox.write({ '.mlops.lock.yaml': lockfile.replace(/ {2}old.csv.*\n/, ''), 'd/a': 'mine', 'd/b/new': 'n' });
    for (const path of ['gone', 'd/b/c', 'lost.csv', 'm']) rmSync(sandbox.path(path), { recursive: true });
    symlinkSync('/nowhere', sandbox.path('m'));
    rmSync(objectOf(project, 'l'));
    chmodSync(sandbox.path('f.csv'), 0o755);
    for (const force of [false, true]) {
      const before = readdirSync(sandbox.root, { recursive: true }).sort();
      const dry = await checkout(project, { dryRun: true, force });
      expect(readdirSync(sandbox.root, { recursive: true }).sort()).toEqual(before);
      expect(await checkout(project, { force })).toEqual(dry);
      expect(dry.failed.map(({ path }) => path)).toEqual(['lost.csv']);
      expect(dry.kept).toEqual(force ? [] : ['d/a', 'd/b/new', 'm']);
    }
  });

  test('only what the targets name is touched', async () => {
    const project = await projectWith(
      { 'data/a/1.txt': '1', 'data/a/2.txt': '2', 'data/b/3.txt': '3', 'raw.csv': 'x' },
      'data',
      'raw.csv',
    );
    rmSync(project.sandbox.path('data'), { recursive: true });
    rmSync(project.sandbox.path('raw.csv'));
    expect((await checkout(project, { targets: ['data/a/2.txt'] })).added).toEqual(['data/a/2.txt']);
    expect((await checkout(project, { targets: ['data/b'] })).added).toEqual(['data/b/3.txt']);
    expect((await checkout(project, { targets: ['data/**/1.*'] })).added).toEqual(['data/a/1.txt']);
    expect(project.sandbox.exists('raw.csv')).toBe(false);
    await expect(checkout(project, { targets: ['data/a/9.txt'] })).rejects.toMatchObject({
      kind: 'usage',
      message: 'The lockfile names nothing at data/a/9.txt; did you mean "1.txt"?',
    });
    await expect(checkout(project, { targets: ['rwa.csv'] })).rejects.toMatchObject({
      kind: 'usage',
      message: 'No tracked path and no stage is called rwa.csv; did you mean "raw.csv"?',
    });
  });

  test('a pattern that matches a folder means all that is in it; a name that reads like a pattern means itself', async () => {
    const files = { 'data/s/1': '1', 'data/t/u/2': '2', 'data/g[a].x': 'g', 'data/ga.x': 'ga', 'data/[d]/x': 'x' };
    const project = await projectWith(files, 'data');
    rmSync(project.sandbox.path('data/s'), { recursive: true });
    rmSync(project.sandbox.path('data/t'), { recursive: true });
    expect((await checkout(project, { targets: ['data/s*'] })).added).toEqual(['data/s/1']);
    expect((await checkout(project, { targets: ['data/*'] })).added).toEqual(['data/t/u/2']);

    await project.sandbox.write({ 'data/g[a].x': 'edited', 'data/ga.x': 'edited', 'data/[d]/x': 'edited' });
    const forced = (target: string) => checkout(project, { targets: [target], force: true });
    expect((await forced('data/g[a].x')).modified).toEqual(['data/g[a].x']);
    expect((await forced('data/[d]')).modified).toEqual(['data/[d]/x']);
    expect((await forced('data/g?.x')).modified).toEqual(['data/ga.x']);
  });

  test('a large file comes whole, and a changed one is replaced', async () => {
    const large = 'abcdefghij'.repeat(300_000);
    const project = await projectWith({ 'large.bin': large }, 'large.bin');
    rmSync(project.sandbox.path('large.bin'));
    expect((await checkout(project)).added).toEqual(['large.bin']);
    expect(await project.sandbox.read('large.bin')).toBe(large);
  });
});

describe('bytes that are nowhere else', () => {
  test('are kept without --force, and everything else is done', async () => {
    const project = await projectWith({ 'data/a.txt': 'a', 'data/b.txt': 'b', 'raw.csv': 'x' }, 'data', 'raw.csv');
    await project.sandbox.write({ 'data/a.txt': 'precious', 'raw.csv': 'also precious', 'data/extra.txt': 'new' });
    rmSync(project.sandbox.path('data/b.txt'));
    expect(await checkout(project)).toEqual({
      ...NOTHING,
      added: ['data/b.txt'],
      kept: ['data/a.txt', 'data/extra.txt', 'raw.csv'],
    });
    expect(await project.sandbox.read('data/a.txt')).toBe('precious');
    expect(await checkout(project, { force: true })).toEqual({
      ...NOTHING,
      modified: ['data/a.txt', 'raw.csv'],
      deleted: ['data/extra.txt'],
    });
  });

  test('are not taken for safe because of a damaged object in the cache', async () => {
    const project = await projectWith({ 'raw.csv': 'first' }, 'raw.csv');
    await project.sandbox.commit('one');
    await project.sandbox.write({ 'raw.csv': 'second' });
    await track(await project.open(), 'raw.csv');
    await project.sandbox.git('checkout', '--', '.mlops.lock.yaml');
    chmodSync(objectOf(project, 'second'), 0o644);
    writeFileSync(objectOf(project, 'second'), 'sec0nd');
    expect(await checkout(project)).toEqual({ ...NOTHING, kept: ['raw.csv'] });
    expect(await project.sandbox.read('raw.csv')).toBe('second');
  });

  test('that are the beginning of what comes are unfinished work of ours', async () => {
    const project = await projectWith({ 'raw.csv': 'all of it' }, 'raw.csv');
    await project.sandbox.write({ 'raw.csv': 'all' });
    expect(await checkout(project)).toEqual({ ...NOTHING, modified: ['raw.csv'] });
    expect(await project.sandbox.read('raw.csv')).toBe('all of it');
  });

  test('in a folder that is in the way of a file stay, ignored ones too', async () => {
    const project = await projectWith({ 'data/a': 'a', '.mlopsignore': '*.tmp\n' }, 'data');
    rmSync(project.sandbox.path('data/a'));
    await project.sandbox.write({ 'data/a/notes.tmp': 'ignored and mine' });
    expect(await checkout(project)).toMatchObject({ ...NOTHING, failed: [{ path: 'data/a', kind: 'refused' }] });
    expect(await project.sandbox.read('data/a/notes.tmp')).toBe('ignored and mine');
  });
});

describe('what is missing or damaged', () => {
  test('is told by path, and the rest arrives', async () => {
    const project = await projectWith({ 'data/a.txt': 'a', 'data/b.txt': 'b' }, 'data');
    rmSync(project.sandbox.path('data'), { recursive: true });
    rmSync(objectOf(project, 'a'));
    expect(await checkout(project)).toEqual({
      ...NOTHING,
      added: ['data/b.txt'],
      failed: [{ path: 'data/a.txt', reason: 'It is not in the cache.', kind: 'data-missing' }],
    });
    expect(await checkout(project, { allowMissing: true })).toEqual(NOTHING);
  });

  test('never reaches the workspace: a flipped byte is found, quarantined and told by path', async () => {
    const project = await projectWith({ 'data/a.txt': 'some text', 'data/b.txt': 'b' }, 'data');
    rmSync(project.sandbox.path('data'), { recursive: true });
    const object = objectOf(project, 'some text');
    chmodSync(object, 0o644);
    writeFileSync(object, 'some tixt');
    const { added, failed } = await checkout(project);
    expect(added).toEqual(['data/b.txt']);
    expect(failed).toMatchObject([
      { path: 'data/a.txt', reason: expect.stringContaining('is damaged; it was moved to') },
    ]);
    expect(existsSync(object)).toBe(false);
    expect(readdirSync(project.sandbox.path('.mlops/cache/v1/quarantine'))).toHaveLength(1);
    expect(project.sandbox.exists('data/a.txt')).toBe(false);

    await project.sandbox.write({ 'data/a.txt': 'some text' });
    await track(await project.open(), 'data');
    rmSync(project.sandbox.path('data'), { recursive: true });
    expect((await checkout(project)).failed).toEqual([]);
  });

  test('a damaged tree is told for its folder', async () => {
    const project = await projectWith({ 'data/a.txt': 'a' }, 'data');
    const tree = encodeTree({
      level: 0,
      entries: [{ name: 'a.txt', kind: 'file', size: 1, files: 1, digest: digestOf('a') }],
    });
    rmSync(project.sandbox.path('data'), { recursive: true });
    chmodSync(objectOf(project, tree), 0o644);
    writeFileSync(objectOf(project, tree), Buffer.from(tree).fill(0, 20, 21));
    expect((await checkout(project)).failed).toMatchObject([
      { path: 'data', reason: expect.stringContaining('damaged') },
    ]);
  });
});

describe('nothing outside the project is touched by', () => {
  const digest = digestOf('evil');
  const hostile = async (entries: Parameters<typeof encodeTree>[0]) => {
    const project = await createProject();
    const cache = await (await project.open()).cache();
    for (const text of ['evil', '../../..', '/etc', 'u/..']) cache.putBytes(Buffer.from(text));
    const tree = cache.putBytes(encodeTree(entries));
    const lockfile = { data: { data: { kind: 'tree', digest: tree, size: 4, files: 1 } }, stages: {} } as const;
    await project.sandbox.write({ '.mlops.lock.yaml': encodeLockfile(lockfile) });
    return project;
  };

  test.each([
    '../x',
    '/tmp/x',
    '.git/hooks/post-checkout',
    'a/../../x',
    '.mlops/index',
    'a/.GIT/config',
    'git~1/config',
  ])('a lockfile that names %s', async (path) => {
    const project = await createProject();
    const lockfile = { data: { [path]: { kind: 'file', digest, size: 4, executable: false } }, stages: {} } as const;
    await project.sandbox.write({ '.mlops.lock.yaml': encodeLockfile(lockfile) });
    await expect(checkout(project)).rejects.toMatchObject({
      kind: 'invalid-file',
      problems: [{ message: expect.stringContaining('is refused') }],
    });
  });

  test.each(['..', '.git', 'a/b', '.Git', 'git~1', '.mlops'])('a tree that names %s', async (name) => {
    const project = await hostile({ level: 0, entries: [{ name, kind: 'file', size: 4, files: 1, digest }] });
    const { failed, added } = await checkout(project);
    expect(added).toEqual([]);
    expect(failed).toMatchObject([{ path: 'data', reason: expect.stringContaining('is not a valid tree: the name') }]);
  });

  test.each(['../../..', '/etc', 'u/..'])('a link in a tree that points to %s', async (target) => {
    const project = await hostile({
      level: 0,
      entries: [{ name: 'link', kind: 'symlink', size: target.length, files: 1, digest: digestOf(target) }],
    });
    const { failed } = await checkout(project);
    expect(failed).toMatchObject([{ path: 'data/link', reason: expect.stringContaining('leads out of data') }]);
    expect(existsSync(project.sandbox.path('data/link'))).toBe(false);
  });

  test('a folder that was replaced by a link to elsewhere', async () => {
    const elsewhere = await createFolder();
    const project = await projectWith({ 'data/deep/a.txt': 'a', 'sub/raw.csv': 'x' }, 'data', 'sub/raw.csv');
    for (const path of ['data/deep', 'sub']) {
      rmSync(project.sandbox.path(path), { recursive: true });
      symlinkSync(elsewhere, project.sandbox.path(path));
    }
    const { failed } = await checkout(project);
    expect(failed.map(({ path }) => path)).toContain('sub/raw.csv');
    expect(readdirSync(elsewhere)).toEqual([]);
  });
});

describe('links to the cache, on request', () => {
  test.each(['hardlink', 'symlink'] as const)(
    '%s: read-only, and replaced without harm to the object',
    async (type) => {
      const project = await createProject({ '.mlops.yaml': `cache: { link: [${type}, copy] }\n`, 'raw.csv': 'first' });
      await track(await project.open(), 'raw.csv');
      await project.sandbox.commit('one');
      rmSync(project.sandbox.path('raw.csv'));
      await checkout(project);
      const path = project.sandbox.path('raw.csv');
      expect(type === 'hardlink' ? statSync(path).nlink : lstatSync(path).isSymbolicLink()).toBe(
        type === 'hardlink' ? 2 : true,
      );
      expect(await checkout(project)).toEqual(NOTHING);

      rmSync(path);
      writeFileSync(path, 'second');
      await track(await project.open(), 'raw.csv');
      await project.sandbox.git('checkout', '--', '.mlops.lock.yaml');
      expect(await checkout(project)).toEqual({ ...NOTHING, modified: ['raw.csv'] });
      expect(readFileSync(path, 'utf8')).toBe('first');
      expect(readFileSync(objectOf(project, 'second'), 'utf8')).toBe('second');
    },
  );
});

test('a clone gets everything from a cache that it shares', async () => {
  const cacheFolder = await createFolder();
  const project = await createProject({ '.mlops.yaml': `cache: { dir: ${cacheFolder} }\n`, 'data/a.txt': 'a' });
  await track(await project.open(), 'data');
  await project.sandbox.commit('data');
  const clone = join(await createFolder(), 'clone');
  await project.sandbox.git('clone', '--quiet', project.sandbox.root, clone);
  const result = await checkoutPaths(await project.open({}, clone), { targets: [], force: false, allowMissing: false });
  expect(result.added).toEqual(['data/a.txt']);
});

test('many checkouts at once end as one would', async () => {
  const files = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`data/${at % 5}/${at}.txt`, `${at}`]));
  const project = await projectWith(files, 'data');
  rmSync(project.sandbox.path('data'), { recursive: true });
  const each = async () =>
    checkoutPaths(await project.open({ waitMilliseconds: null }), { targets: [], force: false, allowMissing: false });
  const results = await Promise.all([each(), each(), each(), each()]);
  expect(results.flatMap(({ kept, failed }) => [...kept, ...failed])).toEqual([]);
  expect(await checkout(project)).toEqual(NOTHING);
});
