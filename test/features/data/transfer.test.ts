import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Digest } from '../../../src/core/digest.ts';
import { fetchObjects, pull, pushObjects } from '../../../src/features/data/transfer/transfer.ts';
import { missingOnRemote } from '../../../src/features/data/transfer/missing.ts';
import { addRemote } from '../../../src/features/remotes/add.ts';
import { keyOf } from '../../../src/stores/remotes/object-key.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { createProject, openedProject } from '../../support/open-project.ts';
import { createFolder, createSandbox } from '../../support/sandbox.ts';
import { track } from '../../support/tracking.ts';

const ALL = { targets: [], remote: null, jobs: null, dryRun: false };
const PULL = { ...ALL, force: false, allowMissing: false };

const FILES = {
  'data/raw.csv': 'species,mass\nadelie,3750\n',
  'data/images/cats/1.png': 'one',
  'data/images/cats/2.png': 'two',
  'data/images/dogs/3.png': 'three',
};

/** A project with a tracked file and a tracked folder, and a folder remote that is its default one. */
async function createPushed() {
  const remote = join(await createFolder(), 'store');
  const source = await createProject(FILES);
  await addRemote(await source.open(), { name: 'origin', url: remote, default: true });
  await track(await source.open(), 'data/raw.csv', 'data/images');
  const pushed = await pushObjects(await source.open(), ALL);
  return { source, remote, pushed, objectAt: (digest: Digest) => join(remote, keyOf(digest)) };
}

/** Another clone: what Git brings, and nothing else. */
async function cloneOf({ sandbox }: Awaited<ReturnType<typeof createProject>>) {
  const clone = await createSandbox();
  for (const name of ['.mlops.yaml', '.mlops.lock.yaml']) cpSync(sandbox.path(name), clone.path(name));
  return openedProject(clone);
}

describe('push', () => {
  test('sends every object once, and says how many and how much', async () => {
    const { remote, pushed } = await createPushed();
    const bytes = expect.any(Number);
    // Four files and three trees.
    expect(pushed).toMatchObject({ remote: 'origin', objects: 7, bytes, alreadyThere: 0, failed: [], checkout: null });
    expect(
      readdirSync(join(remote, 'v1/objects'), { recursive: true, withFileTypes: true }).filter((e) => e.isFile()),
    ).toHaveLength(7);
  });

  test('of a part of a folder sends its trees once the remote has all that they name', async () => {
    const { source, objectAt } = await createPushed();
    await source.sandbox.write({ 'data/images/cats/4.png': 'four', 'data/images/dogs/5.png': 'five' });
    await track(await source.open(), 'data/images');
    const tree = (await source.open()).readLockfile().data['data/images']?.digest ?? digestOf('');
    const push = async (target: string, dryRun = false) =>
      pushObjects(await source.open(), { ...ALL, targets: [target], dryRun });

    // The new dog is not there yet: the cats go, with their own tree, and that of all images does not.
    expect(await push('data/images/cats')).toMatchObject({ objects: 2, failed: [] });
    expect(existsSync(objectAt(tree))).toBe(false);
    const dry = await push('data/images/dogs/5.png', true);
    expect(existsSync(objectAt(tree))).toBe(false);
    // The file, the tree of the dogs, and that of all.
    const pushed = await push('data/images/dogs/5.png');
    expect(pushed).toMatchObject({ objects: 3, failed: [] });
    expect(dry).toMatchObject({ objects: pushed.objects, bytes: pushed.bytes, requests: pushed.requests });
    const clone = await cloneOf(source);
    expect(await pull(await clone.open(), PULL)).toMatchObject({ failed: [] });
    expect(await clone.sandbox.read('data/images/dogs/5.png')).toBe('five');

    // A part that vanished there keeps the tree away.
    await source.sandbox.write({ 'data/images/cats/6.png': 'six' });
    await track(await source.open(), 'data/images');
    rmSync(objectAt(digestOf('three')));
    expect(await push('data/images/cats')).toMatchObject({ objects: 2, failed: [] });
    expect(await push('data/images')).toMatchObject({ objects: 2, failed: [] });
  });

  test('has nothing to do the second time', async () => {
    const { source } = await createPushed();
    expect(await pushObjects(await source.open(), ALL)).toMatchObject({ objects: 0, bytes: 0, alreadyThere: 7 });
  });

  test('puts back what vanished from the remote, though its folder is still there', async () => {
    const { source, objectAt } = await createPushed();
    rmSync(objectAt(digestOf('two')));
    expect(await pushObjects(await source.open(), ALL)).toMatchObject({ objects: 1, bytes: 3, failed: [] });
    expect(existsSync(objectAt(digestOf('two')))).toBe(true);
  });

  test('replaces a copy that was cut off', async () => {
    const { source, objectAt } = await createPushed();
    writeFileSync(objectAt(digestOf('three')), 'thr');
    expect(await pushObjects(await source.open(), ALL)).toMatchObject({ objects: 1, bytes: 5 });
    const clone = await cloneOf(source);
    expect((await pull(await clone.open(), PULL)).failed).toEqual([]);
  });

  test('forced, replaces a damaged copy of the same size, which fetch names with the way out', async () => {
    const { source, objectAt } = await createPushed();
    writeFileSync(objectAt(digestOf('three')), 'THREE');
    const clone = await cloneOf(source);
    const [failed] = (await fetchObjects(await clone.open(), ALL)).failed;
    expect(failed?.path).toBe('data/images/dogs/3.png');
    expect(failed?.reason).toContain('mlops push --force data/images/dogs/3.png');
    const targets = ['data/images/dogs/3.png'];
    expect(await pushObjects(await source.open(), { ...ALL, targets })).toMatchObject({ objects: 0 });
    const dry = await pushObjects(await source.open(), { ...ALL, targets, force: true, dryRun: true });
    const real = await pushObjects(await source.open(), { ...ALL, targets, force: true });
    expect(real).toEqual(dry);
    expect(real).toMatchObject({ paths: targets, failed: [] });
    expect((await pull(await clone.open(), PULL)).failed).toEqual([]);
    // What is not here cannot be sent again, and is no failure.
    const other = await cloneOf(source);
    expect(await pushObjects(await other.open(), { ...ALL, force: true })).toMatchObject({ objects: 3, failed: [] });
  });

  test('refuses the name of a remote that there is none of, also when nothing has to be moved', async () => {
    const { source } = await createPushed();
    const project = await source.open();
    const wrong = { ...ALL, remote: 'orign' };
    const refusal = { kind: 'usage', message: expect.stringContaining('"origin"') };
    await expect(fetchObjects(project, wrong)).rejects.toMatchObject(refusal);
    await expect(pull(project, { ...PULL, ...wrong })).rejects.toMatchObject(refusal);
    await expect(missingOnRemote(project, 'orign', [])).rejects.toMatchObject(refusal);
  });

  test('a remote below something that is no folder is not there', async () => {
    const source = await createProject(FILES);
    await addRemote(await source.open(), { name: 'origin', url: '/dev/null/store' });
    await track(await source.open(), 'data/raw.csv');
    await expect(pushObjects(await source.open(), ALL)).rejects.toMatchObject({ kind: 'remote-unavailable' });
  });

  test('only says what it would do in a dry run, also on a remote that is not made yet', async () => {
    const remote = join(await createFolder(), 'store');
    const source = await createProject(FILES);
    await addRemote(await source.open(), { name: 'origin', url: remote });
    await track(await source.open(), 'data/raw.csv', 'data/images');
    const dry = await pushObjects(await source.open(), { ...ALL, dryRun: true });
    expect(existsSync(remote)).toBe(false);
    expect(source.events.filter(({ type }) => type === 'progress' || type === 'warning')).toEqual([]);
    const { objects, bytes, requests, paths } = await pushObjects(await source.open(), ALL);
    expect(paths).toEqual([
      'data/images',
      'data/images/cats',
      'data/images/cats/1.png',
      'data/images/cats/2.png',
      'data/images/dogs',
      'data/images/dogs/3.png',
      'data/raw.csv',
    ]);
    expect(dry).toMatchObject({ objects, bytes, requests, paths, failed: [] });
  });

  test('sends only what its targets need', async () => {
    const remote = join(await createFolder(), 'store');
    const source = await createProject(FILES);
    await addRemote(await source.open(), { name: 'origin', url: remote });
    await track(await source.open(), 'data/raw.csv', 'data/images');
    expect(await pushObjects(await source.open(), { ...ALL, targets: ['data/raw.csv'] })).toMatchObject({ objects: 1 });
    // Two files and their folder; the one above it stays away while it would have holes.
    const some = await pushObjects(await source.open(), { ...ALL, targets: ['data/images/cats'] });
    expect(some).toMatchObject({ objects: 3, failed: [] });
    expect(await pushObjects(await source.open(), ALL)).toMatchObject({ objects: 3, alreadyThere: 4 });
  });

  test('leaves damage in the cache where it is, and the folder above it away from the remote', async () => {
    const remote = join(await createFolder(), 'store');
    const source = await createProject(FILES);
    await addRemote(await source.open(), { name: 'origin', url: remote });
    await track(await source.open(), 'data/raw.csv', 'data/images');
    const project = await source.open();
    const damaged = (await project.cache()).pathOf(digestOf('two')) ?? '';
    chmodSync(damaged, 0o644);
    writeFileSync(damaged, 'tw0');

    const pushed = await pushObjects(project, ALL);
    expect(pushed.failed.map(({ path }) => path)).toEqual(['data/images/cats/2.png', 'data/images']);
    expect(existsSync(join(remote, keyOf(digestOf('two'))))).toBe(false);
    const locked = project.readLockfile().data['data/images'];
    expect(existsSync(join(remote, keyOf(locked?.digest ?? digestOf(''))))).toBe(false);
    // The rest is there: three files and the tree of the dogs.
    expect(pushed.objects).toBe(4);
  });

  test('names what neither the cache nor the remote has', async () => {
    const { source, objectAt } = await createPushed();
    const project = await source.open();
    rmSync((await project.cache()).pathOf(digestOf('one')) ?? '');
    expect(await pushObjects(project, ALL)).toMatchObject({ objects: 0, failed: [] });
    rmSync(objectAt(digestOf('one')));
    expect((await pushObjects(project, ALL)).failed).toMatchObject([
      {
        path: 'data/images/cats/1.png',
        digest: digestOf('one'),
        reason: expect.stringContaining('Neither the cache nor'),
      },
    ]);
  });

  test('without a remote says how to get one', async () => {
    const source = await createProject(FILES);
    await track(await source.open(), 'data/raw.csv');
    await expect(pushObjects(await source.open(), ALL)).rejects.toMatchObject({
      kind: 'usage',
      hint: 'mlops remote add -d origin <url>',
    });
  });

  test('to a remote that is not there fails as a whole, and says so', async () => {
    const source = await createProject(FILES);
    await addRemote(await source.open(), { name: 'origin', url: join(await createFolder(), 'mnt/archive') });
    await track(await source.open(), 'data/raw.csv');
    await expect(pushObjects(await source.open(), ALL)).rejects.toMatchObject({ kind: 'remote-unavailable' });
  });
});

describe('pull', () => {
  test('brings everything into a fresh clone and the workspace', async () => {
    const { source } = await createPushed();
    const clone = await cloneOf(source);
    const pulled = await pull(await clone.open(), PULL);
    expect(pulled).toMatchObject({
      remote: 'origin',
      objects: 7,
      alreadyThere: 0,
      failed: [],
      checkout: { failed: [] },
    });
    for (const [path, text] of Object.entries(FILES)) expect(await clone.sandbox.read(path)).toBe(text);
  });

  test('tells how far it is, from nothing to all', async () => {
    const { source } = await createPushed();
    const clone = await cloneOf(source);
    await pull(await clone.open(), { ...PULL, targets: ['data/raw.csv'] });
    const told = clone.events.flatMap((event) => (event.type === 'progress' && event.phase === 'fetch' ? [event] : []));
    const total = { total: 1, totalBytes: FILES['data/raw.csv'].length };
    expect(told[0]).toMatchObject({ done: 0, bytes: 0, ...total });
    expect(told.at(-1)).toMatchObject({ done: 1, bytes: total.totalBytes, ...total });
  });

  test('has nothing to do the second time, and then needs no remote', async () => {
    const { source, remote } = await createPushed();
    const clone = await cloneOf(source);
    await pull(await clone.open(), PULL);
    rmSync(remote, { recursive: true });
    expect(await pull(await clone.open(), PULL)).toMatchObject({
      objects: 0,
      alreadyThere: 7,
      requests: 0,
      failed: [],
    });
  });

  test('brings the rest when an object is gone on both sides, and names its path', async () => {
    const { source, objectAt } = await createPushed();
    rmSync(objectAt(digestOf('two')));
    const clone = await cloneOf(source);
    const pulled = await pull(await clone.open(), PULL);
    expect(pulled.failed).toMatchObject([{ path: 'data/images/cats/2.png', digest: digestOf('two') }]);
    expect(await clone.sandbox.read('data/images/cats/1.png')).toBe('one');
    expect(await clone.sandbox.read('data/raw.csv')).toBe(FILES['data/raw.csv']);
    expect(clone.sandbox.exists('data/images/cats/2.png')).toBe(false);
  });

  test('never lets altered bytes into the cache', async () => {
    const { source, objectAt } = await createPushed();
    writeFileSync(objectAt(digestOf('two')), 'tw0');
    const clone = await cloneOf(source);
    const project = await clone.open();
    const pulled = await pull(project, PULL);
    expect(pulled.failed).toMatchObject([
      { path: 'data/images/cats/2.png', reason: expect.stringMatching(/^The copy on .* is damaged/) },
    ]);
    expect((await project.cache()).has(digestOf('two'))).toBe(false);
  });

  test('never lets an altered tree name anything', async () => {
    const { source, objectAt } = await createPushed();
    const tree = (await source.open()).readLockfile().data['data/images']?.digest ?? digestOf('');
    writeFileSync(objectAt(tree), 'mlops tree\0\x01\0\0');
    const clone = await cloneOf(source);
    const pulled = await fetchObjects(await clone.open(), ALL);
    expect(pulled.failed).toMatchObject([{ path: 'data/images', reason: expect.stringContaining('damaged') }]);
    expect(pulled.objects).toBe(1);
  });

  test('brings a part of a folder', async () => {
    const { source } = await createPushed();
    const clone = await cloneOf(source);
    const pulled = await pull(await clone.open(), { ...PULL, targets: ['data/images/dogs'] });
    // One file and the trees on the way to it, of which that of the cats is none.
    expect(pulled).toMatchObject({ objects: 3, failed: [] });
    expect(clone.sandbox.exists('data/images/dogs/3.png')).toBe(true);
    expect(clone.sandbox.exists('data/images/cats')).toBe(false);
  });

  test('of a path that the folder does not have is a mistake, once its trees are known', async () => {
    const { source } = await createPushed();
    const clone = await cloneOf(source);
    for (const move of [fetchObjects, pushObjects]) {
      await expect(move(await clone.open(), { ...ALL, targets: ['data/images/birds'] })).rejects.toMatchObject({
        kind: 'usage',
        message: expect.stringContaining('data/images/birds'),
      });
    }
  });

  test('only says what it would bring in a dry run, and changes neither cache nor workspace', async () => {
    const { source, objectAt } = await createPushed();
    rmSync(objectAt(digestOf('two')));
    const clone = await cloneOf(source);
    const project = await clone.open();
    const dry = await pull(project, { ...PULL, dryRun: true });
    expect([...(await project.cache()).list()]).toEqual([]);
    expect(clone.sandbox.exists('data')).toBe(false);
    const { objects, bytes, failed, checkout } = await pull(await clone.open(), PULL);
    expect(checkout?.added).toContain('data/images/cats/1.png');
    expect(dry).toMatchObject({ objects, bytes, failed, checkout });
  });

  test('a dry run knows the beginning of what comes from what somebody wrote', async () => {
    const { source } = await createPushed();
    const clone = await cloneOf(source);
    await clone.sandbox.write({
      'data/images/cats/1.png': 'on',
      'data/images/cats/2.png': '',
      'data/images/dogs/3.png': 'thr',
      'data/raw.csv': 'mine',
    });
    const project = await clone.open();
    const dry = await pull(project, { ...PULL, dryRun: true });
    expect([...(await project.cache()).list()]).toEqual([]);
    const { objects, bytes, requests, checkout } = await pull(await clone.open(), PULL);
    expect(checkout).toMatchObject({
      kept: ['data/raw.csv'],
      modified: expect.arrayContaining(['data/images/cats/1.png']),
    });
    expect(dry).toMatchObject({ objects, bytes, requests, checkout });
  });

  test('from a remote that is not there fails as a whole', async () => {
    const { source, remote } = await createPushed();
    rmSync(remote, { recursive: true });
    const clone = await cloneOf(source);
    await expect(pull(await clone.open(), PULL)).rejects.toMatchObject({ kind: 'remote-unavailable' });
  });

  test('stops when it is told to', async () => {
    const { source } = await createPushed();
    const clone = await cloneOf(source);
    await expect(pull(await clone.open({ signal: AbortSignal.abort() }), PULL)).rejects.toMatchObject({
      kind: 'interrupted',
    });
  });
});

describe('paths with a remote of their own', () => {
  test('are pushed there and pulled from there, whatever the default is', async () => {
    const [near, far] = [await createFolder(), await createFolder()];
    const yaml = [
      'remote: near',
      `remotes: { near: { url: "${near}" }, far: { url: "${far}" } }`,
      'data:',
      '  data/images: { remote: far }',
      '  data/secret.csv: { push: false }',
      '',
    ].join('\n');
    const source = await createProject({ ...FILES, 'data/secret.csv': 'secret', '.mlops.yaml': yaml });
    await track(await source.open(), 'data/raw.csv', 'data/images', 'data/secret.csv');
    expect(await pushObjects(await source.open(), ALL)).toMatchObject({ objects: 7, failed: [] });
    expect([holds(near, FILES['data/raw.csv']), holds(far, FILES['data/raw.csv'])]).toEqual([true, false]);
    expect([holds(near, 'one'), holds(far, 'one')]).toEqual([false, true]);
    expect([holds(near, 'secret'), holds(far, 'secret')]).toEqual([false, false]);

    const clone = await cloneOf(source);
    expect(await fetchObjects(await clone.open(), ALL)).toMatchObject({ objects: 7, failed: [] });
  });

  test('fail alone when their remote is not there', async () => {
    const near = await createFolder();
    const far = join(await createFolder(), 'mnt/far');
    const yaml = `remote: near\nremotes: { near: "${near}", far: "${far}" }\ndata: { data/images: { remote: far } }\n`;
    const source = await createProject({ ...FILES, '.mlops.yaml': yaml });
    await track(await source.open(), 'data/raw.csv', 'data/images');
    const pushed = await pushObjects(await source.open(), ALL);
    expect(pushed).toMatchObject({
      objects: 1,
      failed: [{ path: 'data/images', reason: expect.stringContaining(far) }],
    });
  });
});

describe('what is missing on a remote', () => {
  test('is nothing after a push, and then what vanished, by path', async () => {
    const { source, objectAt } = await createPushed();
    expect(await missingOnRemote(await source.open(), null, [])).toEqual({ name: 'origin', missing: [] });
    rmSync(objectAt(digestOf('two')));
    expect(await missingOnRemote(await source.open(), null, [])).toEqual({
      name: 'origin',
      missing: [{ path: 'data/images/cats/2.png', digest: digestOf('two'), size: 3 }],
    });
  });

  test('is told in a clone that has nothing yet, without changing it', async () => {
    const { source, objectAt } = await createPushed();
    rmSync(objectAt(digestOf('one')));
    const clone = await cloneOf(source);
    const project = await clone.open();
    expect((await missingOnRemote(project, 'origin', ['data'])).missing.map(({ path }) => path)).toEqual([
      'data/images/cats/1.png',
    ]);
    expect([...(await project.cache()).list()]).toEqual([]);
  });

  test('is everything while the remote is not made yet', async () => {
    const source = await createProject(FILES);
    await addRemote(await source.open(), { name: 'origin', url: join(await createFolder(), 'store') });
    mkdirSync(source.sandbox.path('empty'));
    await track(await source.open(), 'data/raw.csv');
    expect((await missingOnRemote(await source.open(), null, [])).missing).toHaveLength(1);
  });
});

/** Whether a remote's folder has the object with these bytes. */
function holds(folder: string, text: string): boolean {
  return existsSync(join(folder, keyOf(digestOf(text))));
}
