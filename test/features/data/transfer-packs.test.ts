import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { missingOnRemote } from '../../../src/features/data/transfer/missing.ts';
import { fetchObjects, pull, pushObjects } from '../../../src/features/data/transfer/transfer.ts';
import { addRemote } from '../../../src/features/remotes/add.ts';
import { MlopsError } from '../../../src/core/errors.ts';
import type { Project } from '../../../src/project/project.ts';
import { createProject, openedProject } from '../../support/open-project.ts';
import { createFolder, createSandbox } from '../../support/sandbox.ts';
import { track } from '../../support/tracking.ts';

const ALL = { targets: [], remote: null, jobs: null, dryRun: false };
const PULL = { ...ALL, force: false, allowMissing: false };
const files = (folder: string, count: number, size = 30) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`${folder}/${at % 20}/${at}.txt`, `${folder} ${at} `.padEnd(size, '.')]),
  );

async function createSource(content: Record<string, string>) {
  const store = join(await createFolder(), 'store');
  const source = await createProject(content);
  await addRemote(await source.open(), { name: 'origin', url: store, default: true });
  return { ...source, store };
}

type Source = Awaited<ReturnType<typeof createSource>>;

async function cloneOf({ sandbox }: Source) {
  const clone = await createSandbox();
  for (const name of ['.mlops.yaml', '.mlops.lock.yaml']) cpSync(sandbox.path(name), clone.path(name));
  return openedProject(clone);
}

async function createPushed(count = 60) {
  const source = await createSource(files('data', count));
  await track(await source.open(), 'data');
  const pushed = await pushObjects(await source.open(), ALL);
  return { ...source, pushed };
}

const inStore = ({ store }: Source, folder: 'packs' | 'idx') => {
  const names = readdirSync(join(store, 'v1', folder)).toSorted();
  return names.map((name) => join(store, 'v1', folder, name));
};

async function expectWhole(source: Source, count = 60) {
  const clone = await cloneOf(source);
  expect((await pull(await clone.open(), PULL)).failed).toEqual([]);
  for (const [path, text] of Object.entries(files('data', count))) {
    expect(readFileSync(clone.sandbox.path(path), 'utf8')).toBe(text);
  }
  return clone;
}

/** Alters bytes in the middle of a pack's objects. */
function alter(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 255, at);
  rmSync(path);
  writeFileSync(path, bytes);
}

const largestFirst = (paths: readonly string[]) =>
  paths.toSorted((a, b) => readFileSync(b).length - readFileSync(a).length);

describe('small objects', () => {
  test('travel in packs, as they lie in the cache, and come back', async () => {
    const source = await createPushed();
    expect(source.pushed).toMatchObject({ objects: 60 + 21, failed: [] });
    const local = readdirSync(source.sandbox.path('.mlops/cache/v1/packs')).filter((name) => name.endsWith('.pack'));
    expect(readdirSync(join(source.store, 'v1/packs')).toSorted()).toEqual(local.toSorted());
    expect(inStore(source, 'idx')).toHaveLength(2);
    await expectWhole(source);
  });

  test('cost as much in a dry run as it says', async () => {
    const source = await createSource(files('data', 60));
    await track(await source.open(), 'data');
    const dry = await pushObjects(await source.open(), { ...ALL, dryRun: true });
    const real = await pushObjects(await source.open(), ALL);
    expect(dry).toMatchObject({ objects: real.objects, bytes: real.bytes, paths: real.paths });
    const clone = await cloneOf(source);
    const dryFetch = await fetchObjects(await clone.open(), { ...ALL, dryRun: true });
    const fetched = await fetchObjects(await (await cloneOf(source)).open(), ALL);
    expect(dryFetch).toEqual(fetched);
  });

  test('that the remote has in a pack are not sent again, and not missing there', async () => {
    const source = await createPushed();
    expect(await pushObjects(await source.open(), ALL)).toMatchObject({ objects: 0, alreadyThere: 81, requests: 4 });
    expect((await missingOnRemote(await source.open(), null, [])).missing).toEqual([]);
  });

  test('of which few are new are sent by themselves', async () => {
    const source = await createPushed();
    await source.sandbox.write({ 'data/0/new.txt': 'new' });
    await track(await source.open(), 'data');
    expect(await pushObjects(await source.open(), ALL)).toMatchObject({ objects: 3, failed: [] });
    expect(inStore(source, 'packs')).toHaveLength(2);
    await expectWhole(source);
  });

  test('of a path that is not to be pushed stay here, though they lie in the same pack', async () => {
    const source = await createSource({ ...files('data', 40), ...files('secret', 40) });
    appendFileSync(source.sandbox.path('.mlops.yaml'), '\ndata:\n  secret:\n    push: false\n');
    await track(await source.open(), 'data', 'secret');
    await pushObjects(await source.open(), ALL);
    for (const pack of inStore(source, 'packs')) expect(readFileSync(pack, 'latin1')).not.toContain('secret 1');
    expect((await fetchObjects(await (await cloneOf(source)).open(), ALL)).failed).toEqual([]);
  });

  test('come in ranges when few of a pack are wanted', async () => {
    const source = await createSource(files('data', 400, 5000));
    await track(await source.open(), 'data');
    await pushObjects(await source.open(), ALL);
    const clone = await cloneOf(source);
    const part = await fetchObjects(await clone.open(), { ...ALL, targets: ['data/3'] });
    expect(part.failed).toEqual([]);
    const here = await clone.open().then((project) => project.cache());
    expect([...here.list()].filter(({ size }) => size === 5000)).toHaveLength(20);
    expect((await fetchObjects(await clone.open(), ALL)).failed).toEqual([]);
  });
});

describe('behind our back', () => {
  test('a pack that vanished is put back by push, and its loss told by pull, by path', async () => {
    const source = await createPushed();
    const [largest = ''] = largestFirst(inStore(source, 'packs'));
    const [smallest = ''] = largestFirst(inStore(source, 'packs')).toReversed();
    const data = readFileSync(largest, 'latin1').includes('data 1 ') ? largest : smallest;
    rmSync(data);
    const clone = await cloneOf(source);
    const { failed } = await fetchObjects(await clone.open(), ALL);
    expect(failed.map(({ path }) => path).toSorted()).toEqual(Object.keys(files('data', 60)).toSorted());
    expect((await missingOnRemote(await source.open(), null, [])).missing).toHaveLength(60);
    expect(await pushObjects(await source.open(), ALL)).toMatchObject({ objects: 60, failed: [] });
    await expectWhole(source);
  });

  test('a pack that was cut off is put there anew', async () => {
    const source = await createPushed();
    for (const pack of inStore(source, 'packs')) {
      const bytes = readFileSync(pack);
      rmSync(pack);
      writeFileSync(pack, bytes.subarray(0, bytes.length - 50));
    }
    expect(await pushObjects(await source.open(), ALL)).toMatchObject({ objects: 81, failed: [] });
    await expectWhole(source);
  });

  test('one damaged object of a pack is told, and the others come', async () => {
    const source = await createPushed();
    const data = inStore(source, 'packs').find((pack) => readFileSync(pack, 'latin1').includes('data 1 ')) ?? '';
    alter(data, 20);
    const clone = await cloneOf(source);
    const { failed } = await fetchObjects(await clone.open(), ALL);
    expect(failed).toHaveLength(1);
    expect(failed[0]?.reason).toContain('is damaged');
    const cache = await (await clone.open()).cache();
    for (const { digest } of cache.list()) expect(cache.isSound(digest)).toBe(true);
    expect((await pushObjects(await source.open(), { ...ALL, force: true })).failed).toEqual([]);
    await expectWhole(source);
  });

  test.each(['damaged', 'cut off'])('an index that is %s is made from its pack', async (how) => {
    const source = await createPushed();
    for (const index of inStore(source, 'idx')) {
      if (how === 'damaged') alter(index, 1200);
      else writeFileSync(index, readFileSync(index).subarray(0, 700));
    }
    await expectWhole(source);
  });

  test('an index of another pack misleads nobody', async () => {
    const source = await createPushed();
    const [first = '', second = ''] = inStore(source, 'idx');
    cpSync(first, second);
    const clone = await cloneOf(source);
    await fetchObjects(await clone.open(), ALL);
    const cache = await (await clone.open()).cache();
    for (const { digest } of cache.list()) expect(cache.isSound(digest)).toBe(true);
    await pushObjects(await source.open(), ALL);
    await expectWhole(source);
  });

  test('objects by themselves that an earlier version pushed are found', async () => {
    const source = await createSource(files('data', 60));
    await track(await source.open(), 'data');
    const cache = await (await source.open()).cache();
    const remote = await (await source.open()).openRemote(null);
    await remote.prepare({ dryRun: false });
    const { keyOf } = await import('../../../src/stores/remotes/object-key.ts');
    for (const { digest } of cache.list()) {
      await remote.put(keyOf(digest), { type: 'bytes', bytes: cache.readBytes(digest) }, 'if-absent');
    }
    expect(await pushObjects(await source.open(), ALL)).toMatchObject({ objects: 0, alreadyThere: 81 });
    await expectWhole(source);
  });
});

test('damage in a pack of the cache does not spread: what is sound is sent, the rest named', async () => {
  const source = await createSource(files('data', 60));
  await track(await source.open(), 'data');
  const packs = source.sandbox.path('.mlops/cache/v1/packs');
  const name = readdirSync(packs).find((one) => readFileSync(join(packs, one), 'latin1').includes('data 1 ')) ?? '';
  alter(join(packs, name), 20);
  const { failed, objects } = await pushObjects(await source.open(), ALL);
  const damaged = failed.filter(({ reason }) => reason.includes('damaged'));
  expect(damaged).toHaveLength(1);
  // Its folder and the one above are left out: the remote has no folder with holes.
  expect(objects).toBe(59 + 19);
  expect(failed.map(({ path }) => path)).toContain('data');
});

describe('commits', () => {
  const scope = { allBranches: false, allTags: false, allCommits: false, revs: [], since: null };

  async function createHistory() {
    const source = await createSource({ 'data.csv': 'first' });
    await track(await source.open(), 'data.csv');
    await source.sandbox.commit('first');
    await source.sandbox.git('tag', 'v1');
    await source.sandbox.write({ 'data.csv': 'second' });
    await track(await source.open(), 'data.csv');
    await source.sandbox.commit('second');
    await source.sandbox.write({ 'data.csv': 'third' });
    await track(await source.open(), 'data.csv');
    await source.sandbox.commit('third');
    return source;
  }

  test('are not looked at unless they are named', async () => {
    const source = await createHistory();
    expect(await pushObjects(await source.open(), ALL)).toMatchObject({ objects: 1, paths: ['data.csv'] });
  });

  test.each([
    ['all tags', { ...scope, allTags: true }, ['data.csv', 'v1:data.csv']],
    ['a revision', { ...scope, revs: ['HEAD~1'] }, ['HEAD~1:data.csv', 'data.csv']],
    ['all branches', { ...scope, allBranches: true }, ['data.csv']],
  ])('of %s are pushed and fetched by name', async (_, named, paths) => {
    const source = await createHistory();
    expect(await pushObjects(await source.open(), { ...ALL, scope: named })).toMatchObject({ paths, failed: [] });
    rmSync(source.sandbox.path('.mlops/cache'), { recursive: true });
    expect(await fetchObjects(await source.open(), { ...ALL, scope: named })).toMatchObject({ paths, failed: [] });
  });

  test('of the whole history are pushed', async () => {
    const source = await createHistory();
    const pushed = await pushObjects(await source.open(), { ...ALL, scope: { ...scope, allCommits: true } });
    expect(pushed).toMatchObject({ objects: 3, failed: [] });
  });
});

describe('a large file', () => {
  const LARGE = 20 << 20;

  test('that was cut off on its way down goes on where it stopped', async () => {
    const source = await createSource({ 'data.bin': 'x'.repeat(LARGE) });
    await track(await source.open(), 'data.bin');
    await pushObjects(await source.open(), ALL);
    const clone = await cloneOf(source);
    const project = await clone.open();
    const offsets: number[] = [];
    const cutting = (left: number): Project => ({
      ...project,
      async openRemote() {
        const remote = await project.openRemote(null);
        remote.get = async (key, range) => {
          offsets.push(range?.offset ?? 0);
          const body = await Object.getPrototypeOf(remote).get.call(remote, key, range);
          return Readable.from(cutAfter(body, left), { objectMode: false });
        };
        return remote;
      },
    });
    const cut = await fetchObjects(cutting(12 << 20), ALL).catch((error: unknown) => error);
    expect(cut).toMatchObject({ message: expect.stringContaining('cut') });
    expect(await fetchObjects(cutting(LARGE), ALL)).toMatchObject({ objects: 1, failed: [] });
    expect(offsets).toEqual([0, expect.any(Number)]);
    expect(offsets[1]).toBeGreaterThanOrEqual(12 << 20);
    expect(offsets[1]).toBeLessThan(LARGE);
  });

  async function* cutAfter(body: AsyncIterable<Uint8Array>, left: number): AsyncGenerator<Uint8Array> {
    let seen = 0;
    for await (const chunk of body) {
      yield chunk;
      seen += chunk.length;
      if (seen >= left && left < LARGE) throw new MlopsError('remote-unavailable', 'The cable was cut.');
    }
  }
});
