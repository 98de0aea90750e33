import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Digest, hexOf } from '../../src/core/digest.ts';
import { encodeTree, type TreeEntry } from '../../src/core/tree.ts';
import { planCheckout } from '../../src/features/data/checkout/plan.ts';
import { openCache } from '../../src/stores/cache/cache.ts';
import { digestOf } from '../../src/system/hash.ts';
import { runMlops } from '../support/run-mlops.ts';
import { createFolder } from '../support/sandbox.ts';
import { filesUnder, lookAtWorkspace } from './kit/look.ts';
import { cacheOf } from './kit/rehearse.ts';
import { mlops, newProject } from './kit/scenes.ts';

const BYTES = Buffer.from('#!/bin/sh\necho owned\n');

const COMMANDS: readonly (readonly string[])[] = [
  ['status', '--granular'],
  ['diff'],
  ['ls', '-R', '--size'],
  ['du'],
  ['cat', 'data/sound.txt'],
  ['repro', '--dry-run'],
  ['push'],
  ['fetch'],
  ['pull'],
  ['checkout', '--dry-run'],
  ['checkout'],
  ['checkout', '--allow-missing'],
  ['checkout', '--force'],
  ['add', 'user.txt'],
  ['gc', '--workspace', '--dry-run'],
  ['gc', '--workspace', '--yes'],
  ['fsck'],
  ['fsck', '--repair'],
];

/** Puts bytes where an object lies, whatever they are. */
function put(root: string, bytes: Uint8Array): Digest {
  const digest = digestOf(bytes);
  const path = join(cacheOf(root), 'v1/objects', hexOf(digest).slice(0, 2), hexOf(digest).slice(2));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return digest;
}

const file = (name: string | Buffer, more: Partial<TreeEntry> = {}): TreeEntry => ({
  name: name.toString(),
  kind: 'executable',
  size: BYTES.length,
  files: 1,
  digest: digestOf(BYTES),
  ...more,
});

/** A project inside a folder with something beside it, whose lockfile names a folder by a tree. */
async function projectWith(tree: (root: string) => Uint8Array, totals = { size: BYTES.length * 2, files: 2 }) {
  const root = await newProject();
  put(root, BYTES);
  const digest = put(root, tree(root));
  const { size, files } = totals;
  writeFileSync(
    join(root, '.mlops.lock.yaml'),
    `version: 1\ndata:\n  data: { tree: "${digest}", size: ${size}, files: ${files} }\n`,
  );
  await mlops(root, 'remote', 'add', '-d', 'origin', await createFolder());
  mkdirSync(join(root, 'data'));
  writeFileSync(join(root, 'user.txt'), 'the user was here');
  return root;
}

/** No command crashes, leaves the root, or touches Git, the tool's files or the user's. */
async function checkHarmless(root: string, commands = COMMANDS): Promise<string> {
  const git = filesUnder(join(root, '.git')).filter((path) => !path.startsWith('index'));
  let told = '';
  for (const argv of commands) {
    const { exitCode, out, err } = await runMlops({ cwd: root }, ...argv);
    expect([argv, exitCode, err]).toEqual([
      argv,
      expect.toBeOneOf([0, 1, 2, 4, 5, 8, 9]),
      expect.not.stringMatching(/\n {4}at /),
    ]);
    if (argv.includes('checkout')) told += out + err;
    expect(['../outside', '../../outside', '/tmp/outside'].filter((path) => existsSync(resolve(root, path)))).toEqual(
      [],
    );
    expect(filesUnder(join(root, '.git')).filter((path) => !path.startsWith('index'))).toEqual(git);
  }
  expect(readFileSync(join(root, 'user.txt'), 'utf8')).toBe('the user was here');
  return told;
}

const BAD_NAMES = [
  '',
  '.',
  '..',
  '...',
  'a/b',
  '../outside',
  '/tmp/outside',
  'a\\b',
  'a\0b',
  '.git',
  '.GIT',
  '.git. ',
  '.g\u200cit',
  'git~1',
  '.mlops',
  '.MLOPS.yaml',
  '.mlops.lock.yaml',
  'con',
  'NUL',
  'com1',
  'lpt²',
  'x'.repeat(256),
];

describe('a tree with a hostile name', () => {
  test.each(BAD_NAMES)('%j is refused by name, and nothing of it is used', async (name) => {
    const root = await projectWith(() => encodeTree({ level: 0, entries: [file(name), file('sound.txt')] }));
    const told = await checkHarmless(
      root,
      COMMANDS.filter(([command]) => ['checkout', 'push', 'status', 'fsck'].includes(command ?? '')),
    );
    expect(told).toMatch(/is not a valid tree: the name ".*" (is|leads|holds|stands|belongs)|longer than/);
    const paths = [...lookAtWorkspace(root).keys()].filter((path) => path.startsWith('data/'));
    expect(paths).toEqual(['data/']);
  });

  test('that is not UTF-8 is refused by name', async () => {
    const root = await projectWith(() => {
      const bytes = Buffer.from(encodeTree({ level: 0, entries: [file('abc'), file('sound.txt')] }));
      bytes.writeUInt8(0xff, bytes.indexOf('abc'));
      return bytes;
    });
    expect(await checkHarmless(root)).toContain('a text that is not UTF-8');
  });

  test('that is there twice is refused by name', async () => {
    const entries = [file('same'), file('same'), file('sound.txt')];
    const root = await projectWith(() => encodeTree({ level: 0, entries }));
    expect(await checkHarmless(root)).toContain('are not in order');
  });
});

test('names that fold together are refused where the file system folds them', async () => {
  const folder = await createFolder();
  const cache = openCache(join(folder, 'cache'), { link: ['copy'], tmp: join(folder, 'tmp') });
  for (const [one, other] of [
    ['A.txt', 'a.txt'],
    ['ä', 'a\u0308'],
    ['x', 'x\u200d'],
  ] as const) {
    const digest = cache.putBytes(encodeTree({ level: 0, entries: [file(one), file(other)] }));
    const want: TreeEntry = { name: 'data', kind: 'tree', size: 2, files: 2, digest };
    const question = { path: 'data', have: undefined, want, inside: null, allowMissing: false };
    const { failed } = planCheckout(cache, { ...question, foldsNames: true });
    expect(failed).toMatchObject([{ reason: expect.stringContaining('On this file system it would be the same as') }]);
    expect(planCheckout(cache, question).failed).toEqual([]);
  }
});

describe('a tree with a symbolic link', () => {
  test.each(['/etc/passwd', '..', '../../outside', 'sub/../../outside', '', 'C:\\outside', 'a\0b'])(
    'to %j is refused by name, and not made',
    async (target) => {
      const root = await projectWith((at) => {
        const link = file('link', { kind: 'symlink', size: target.length, digest: put(at, Buffer.from(target)) });
        return encodeTree({ level: 0, entries: [link, file('sound.txt')] });
      });
      const told = await checkHarmless(root);
      expect(told).toContain('It is a symbolic link that leads out of data');
      expect(existsSync(join(root, 'data/sound.txt'))).toBe(true);
      expect([...lookAtWorkspace(root).keys()]).not.toContain('data/link');
    },
  );

  test('in the workspace, at or above a path, is not gone through', async () => {
    const root = await newProject();
    const outside = await createFolder();
    mkdirSync(join(root, 'deep/data/sub'), { recursive: true });
    for (const path of ['deep/data/sub/a.txt', 'deep/data/b.txt']) writeFileSync(join(root, path), path);
    await mlops(root, 'add', 'deep/data');
    for (const link of ['deep', 'deep/data', 'deep/data/sub']) {
      rmSync(join(root, 'deep'), { recursive: true, force: true });
      mkdirSync(dirname(join(root, link)), { recursive: true });
      symlinkSync(outside, join(root, link));
      for (const argv of [
        ['checkout'],
        ['checkout', '--force'],
        ['pull'],
        ['remove', '--outs', 'deep/data', '--dry-run'],
      ]) {
        const { exitCode, err } = await runMlops({ cwd: root }, ...argv);
        expect([argv, exitCode, err]).toEqual([
          argv,
          expect.toBeOneOf([0, 1, 2, 4, 8]),
          expect.not.stringMatching(/\n {4}at /),
        ]);
        expect(filesUnder(outside)).toEqual([]);
      }
      rmSync(join(root, 'deep'), { recursive: true, force: true });
    }
  });
});

describe('a tree that lies', () => {
  test('about sizes and counts does no harm, and is told', async () => {
    for (const wrong of [{ size: 2 ** 52 }, { size: 0 }]) {
      const entries = [file('odd', wrong), file('sound.txt')];
      const root = await projectWith(() => encodeTree({ level: 0, entries }), { size: 5, files: 9_000_000 });
      await checkHarmless(root);
      if (existsSync(join(root, 'data/odd'))) expect(readFileSync(join(root, 'data/odd'))).toEqual(BYTES);
    }
  });

  test('about what an object is does no harm', async () => {
    const root = await projectWith((at) => {
      const inner = put(at, encodeTree({ level: 0, entries: [file('x')] }));
      const entries = [
        file('file-as-tree', { kind: 'tree', files: 3 }),
        file('tree-as-file', { kind: 'file', digest: inner }),
        file('missing', { digest: digestOf('nowhere') }),
        file('missing-tree', { kind: 'tree', digest: digestOf('nowhere else') }),
        file('sound.txt'),
      ];
      return encodeTree({ level: 0, entries });
    });
    const told = await checkHarmless(root);
    expect(told).toContain('data/file-as-tree');
    expect(existsSync(join(root, 'data/sound.txt'))).toBe(true);
  });

  test('about how many entries it has is refused at once', async () => {
    const head = encodeTree({ level: 0, entries: [] }).subarray(0, 13);
    const root = await projectWith(() => Buffer.concat([head, Buffer.from('ffffffffffff0f', 'hex'), BYTES]));
    expect(await checkHarmless(root)).toContain('is not a valid tree');
  });

  test.each([800, 30_000])('about its depth, %i folders in one another, is refused', async (depth) => {
    const root = await newProject();
    const cache = openCache(cacheOf(root), { link: ['copy'], tmp: join(root, '.mlops/tmp') });
    const digest = await cache.batch((batch) => {
      let below = batch.putBytes(encodeTree({ level: 0, entries: [file('sound.txt')] }));
      batch.putBytes(BYTES);
      for (let at = 0; at < depth; at++) {
        below = batch.putBytes(encodeTree({ level: 0, entries: [file('deep', { kind: 'tree', digest: below })] }));
      }
      return below;
    });
    const lockfile = `version: 1\ndata:\n  data: { tree: "${digest}", size: 21, files: 1 }\n`;
    writeFileSync(join(root, '.mlops.lock.yaml'), lockfile);
    await mlops(root, 'remote', 'add', '-d', 'origin', await createFolder());
    mkdirSync(join(root, 'data'));
    writeFileSync(join(root, 'user.txt'), 'the user was here');
    await checkHarmless(root);
  });
});

describe('a lockfile', () => {
  test.each([
    '../outside',
    '/tmp/outside',
    '.git/hooks/post-checkout',
    'a/../../outside',
    '.mlops/cache',
    'c:/outside',
  ])('that names %j is refused', async (path) => {
    const root = await projectWith(() => encodeTree({ level: 0, entries: [file('sound.txt')] }));
    const entry = `{ file: "${digestOf(BYTES)}", size: ${BYTES.length}, executable: true }`;
    writeFileSync(join(root, '.mlops.lock.yaml'), `version: 1\ndata:\n  ${JSON.stringify(path)}: ${entry}\n`);
    for (const argv of [['checkout', '--force'], ['pull'], ['status']]) {
      const { exitCode, err } = await runMlops({ cwd: root }, ...argv);
      expect([exitCode, err]).toEqual([2, expect.stringContaining('is refused')]);
    }
    await checkHarmless(root);
  });
});
