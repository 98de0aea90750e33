import { chmodSync, cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { fetchObjects, pull, pushObjects } from '../../../src/features/data/transfer/transfer.ts';
import { missingOnRemote } from '../../../src/features/data/transfer/missing.ts';
import { addRemote } from '../../../src/features/remotes/add.ts';
import type { Project } from '../../../src/project/project.ts';
import { openRemote } from '../../../src/stores/remotes/index.ts';
import { PATIENT } from '../../../src/stores/remotes/retry.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { type Fault, type ProxiedRequest, startFaultProxy } from '../../support/fault-proxy.ts';
import { createProject, type OpenedProject, openedProject } from '../../support/open-project.ts';
import { type S3Server, s3Missing, startS3Server } from '../../support/s3-server.ts';
import { createSandbox } from '../../support/sandbox.ts';
import { track } from '../../support/tracking.ts';

const ALL = { targets: [], remote: null, jobs: null, dryRun: false };
const PULL = { ...ALL, force: false, allowMissing: false };
const FILES = {
  'data/raw.csv': 'species,mass\nadelie,3750\n',
  'data/images/1.png': 'one and some more bytes',
  'data/images/cats/2.png': 'two and some more bytes',
  'data/images/dogs/3.png': 'three and some more bytes',
};
// More with MLOPS_ROUNDS: each is another network, and other files.
const ROUNDS = Number(process.env['MLOPS_ROUNDS'] ?? 8);
/** Small files, in some rounds enough for packs. */
const filesOf = (seed: number) =>
  Object.fromEntries(
    Array.from({ length: (seed % 3) * 40 }, (_, at) => [
      `data/images/many/${at % (seed % 2 === 0 ? 20 : 3)}/${at}.png`,
      `${seed} ${at} `.repeat(1 + ((seed * at) % 50)),
    ]),
  );
// Four files and three folders.
const OBJECTS = 7;

describe.skipIf(s3Missing !== null)('through a real S3 server', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  });
  afterAll(() => server?.stop());

  /** A project whose remote is a new prefix on the server. */
  async function createSource(files: Record<string, string> = FILES): Promise<OpenedProject & { prefix: string }> {
    const prefix = randomUUID();
    const source = await createProject(files);
    const { endpoint } = server;
    await addRemote(await source.open(), { name: 'origin', url: server.url(prefix), endpoint, default: true });
    return { ...source, prefix };
  }

  const signedIn = (project: OpenedProject) => project.open({ env: server.env });

  /** The same project, with a network in between that misbehaves as told, and a clock that does not wait. */
  async function through(
    project: OpenedProject & { prefix: string },
    decide: (request: ProxiedRequest) => Fault | null,
  ) {
    const proxy = await startFaultProxy(server.endpoint, decide);
    onTestFinished(() => proxy.stop());
    const opened: Project = {
      ...(await signedIn(project)),
      openRemote: () => {
        const options = server.options({ endpoint: proxy.endpoint });
        return openRemote(server.url(project.prefix), options, { ...PATIENT, wait: async () => {} });
      },
    };
    return { opened, proxy };
  }

  async function createPushed() {
    const source = await createSource();
    await track(await signedIn(source), 'data/raw.csv', 'data/images');
    await pushObjects(await signedIn(source), ALL);
    return source;
  }

  test('every kind of file comes back in a fresh clone as it was', async () => {
    const source = await createSource({
      'data/empty.csv': '',
      'data/tool.sh': '#!/bin/sh\n',
      'data/café/日本語 🐧.txt': 'unicode',
      'data/deep/er/still/file.txt': 'deep',
      'data/same.txt': 'deep',
      'single.bin': 'x'.repeat(100_000),
    });
    const { sandbox } = source;
    chmodSync(sandbox.path('data/tool.sh'), 0o755);
    mkdirSync(sandbox.path('data/nothing in it'));
    symlinkSync('deep/er', sandbox.path('data/link to folder'));
    symlinkSync('../same.txt', sandbox.path('data/deep/link'));
    await track(await signedIn(source), 'data', 'single.bin');
    expect(await pushObjects(await signedIn(source), ALL)).toMatchObject({ failed: [] });

    const clone = await cloneOf(source);
    expect(await pull(await signedIn(clone), PULL)).toMatchObject({ failed: [], checkout: { failed: [] } });
    expect(describeFolder(clone.sandbox.path('data'))).toEqual(describeFolder(sandbox.path('data')));
    expect(readFileSync(clone.sandbox.path('single.bin'))).toEqual(readFileSync(sandbox.path('single.bin')));
  });

  test('the requests are counted, and a second push costs no more than asking', async () => {
    const source = await createPushed();
    const again = await pushObjects(await signedIn(source), ALL);
    expect(again).toMatchObject({ objects: 0, alreadyThere: OBJECTS, requests: 1 + OBJECTS, failed: [] });
    const clone = await cloneOf(source);
    expect((await fetchObjects(await signedIn(clone), ALL)).requests).toBe(1 + OBJECTS);
    expect((await fetchObjects(await signedIn(clone), ALL)).requests).toBe(0);
  });

  test('many small objects are sent in a pack, and cost no request of their own afterwards', async () => {
    const files = Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`many/${at}.txt`, `file ${at}`]));
    const source = await createSource(files);
    await track(await signedIn(source), 'many');
    // What is there is listed twice, and once what else there may be; the project's name, a pack, its index and the tree are sent.
    expect((await pushObjects(await signedIn(source), ALL)).requests).toBe(3 + 4);
    // Both lists of packs, and one question for the tree.
    expect((await pushObjects(await signedIn(source), ALL)).requests).toBe(2 + 1);
  });

  test('wrong credentials end a push as a whole', async () => {
    const source = await createPushed();
    const project = await source.open({ env: { ...server.env, AWS_SECRET_ACCESS_KEY: 'wrong' } });
    await expect(pushObjects(project, ALL)).rejects.toMatchObject({
      kind: 'remote-unavailable',
      message: expect.stringContaining('SignatureDoesNotMatch'),
    });
  });

  describe('over a bad network', () => {
    test.each(['reset', 'lost', 'busy', 'truncated', 'altered'] as const)(
      'a pull of which every first answer is %s brings everything',
      async (fault) => {
        const clone = await cloneOf(await createPushed());
        const { opened } = await through(clone, whenDownloading(first(fault)));
        expect(await pull(opened, PULL)).toMatchObject({ objects: OBJECTS, failed: [], checkout: { failed: [] } });
        for (const [path, text] of Object.entries(FILES)) expect(await clone.sandbox.read(path)).toBe(text);
      },
    );

    test.each(['reset', 'lost', 'busy'] as const)(
      'a push of which every first answer is %s sends everything',
      async (fault) => {
        const source = await createSource();
        await track(await signedIn(source), 'data/raw.csv', 'data/images');
        const { opened } = await through(source, first(fault));
        expect((await pushObjects(opened, ALL)).failed).toEqual([]);
        expect((await missingOnRemote(await signedIn(source), null, [])).missing).toEqual([]);
      },
    );

    test.each(['truncated', 'altered'] as const)(
      'an object that is always %s is named, never cached, and the rest arrives',
      async (fault) => {
        const clone = await cloneOf(await createPushed());
        const bad = digestOf(FILES['data/images/cats/2.png']);
        const { opened } = await through(clone, ({ method, path }) =>
          method === 'GET' && path.endsWith(bad.slice(-62)) ? fault : null,
        );
        const pulled = await pull(opened, PULL);
        expect(pulled.failed.map(({ path }) => path)).toEqual(['data/images/cats/2.png']);
        expect(pulled.objects).toBe(OBJECTS - 1);
        const cache = await opened.cache();
        expect(cache.has(bad)).toBe(false);
        for (const { digest } of cache.list()) expect(digestOf(cache.readBytes(digest))).toBe(digest);
        expect(await clone.sandbox.read('data/images/dogs/3.png')).toBe(FILES['data/images/dogs/3.png']);
      },
    );

    test('a server that is busy for good ends the pull as a whole', async () => {
      const clone = await cloneOf(await createPushed());
      const { opened } = await through(clone, () => 'busy');
      await expect(pull(opened, PULL)).rejects.toMatchObject({
        kind: 'remote-unavailable',
        message: expect.stringContaining('SlowDown'),
      });
    });

    test('a session that ends in the middle leaves what came, names the rest, and goes on later', async () => {
      const clone = await cloneOf(await createPushed());
      let answers = 0;
      const { opened } = await through(clone, () => ((answers += 1) > 1 + 4 ? 'expired' : null));
      const cut = await fetchObjects(opened, { ...ALL, jobs: 1 });
      expect(cut.objects).toBe(4);
      expect(cut.failed.every(({ reason }) => /session .* has ended/.test(reason))).toBe(true);
      expect(await fetchObjects(await signedIn(clone), ALL)).toMatchObject({ objects: OBJECTS - 4, failed: [] });
    });

    test('Ctrl-C in the middle ends at once, keeps what came, and the next pull goes on', async () => {
      const clone = await cloneOf(await createPushed());
      const control = new AbortController();
      let answers = 0;
      const { opened } = await through(clone, () => {
        if ((answers += 1) === 1 + 5) control.abort();
        return null;
      });
      const stopped = { ...opened, signal: control.signal };
      await expect(fetchObjects(stopped, { ...ALL, jobs: 1 })).rejects.toMatchObject({ kind: 'interrupted' });
      const rest = await fetchObjects(await signedIn(clone), ALL);
      expect(rest.failed).toEqual([]);
      expect(rest.objects).toBeLessThanOrEqual(OBJECTS - 4);
    });

    test(
      'whatever happens at random, both sides are equal in the end or the command says what is not',
      { timeout: 30_000 + ROUNDS * 10_000 },
      async () => {
        const faults: Fault[] = ['reset', 'lost', 'busy', 'truncated', 'altered'];
        for (let seed = 1; seed <= ROUNDS; seed++) {
          const random = seeded(seed);
          const files = { ...FILES, ...filesOf(seed) };
          const source = await createSource(files);
          await track(await signedIn(source), 'data/raw.csv', 'data/images');
          const decide = () => (random() < 0.3 ? (faults[Math.floor(random() * faults.length)] ?? null) : null);
          await pushUntilDone(await through(source, decide));

          const clone = await cloneOf(source);
          const { opened } = await through(clone, decide);
          const failedPaths = await pull(opened, PULL).then(
            ({ failed }) => failed.map(({ path }) => path),
            // An altered list is no list: then nothing is to be had, and that is said.
            (error: unknown) => {
              expect(error).toMatchObject({ kind: 'remote-unavailable' });
              return ['data'];
            },
          );
          const arrived = Object.entries(files).filter(
            ([path]) => !failedPaths.some((at) => `${path}/`.startsWith(`${at}/`)),
          );
          for (const [path, text] of arrived)
            expect(await clone.sandbox.read(path), `seed ${seed}: ${path}`).toBe(text);
          const cache = await opened.cache();
          for (const { digest } of cache.list()) expect(digestOf(cache.readBytes(digest))).toBe(digest);
          expect(await pull(await signedIn(clone), PULL)).toMatchObject({ failed: [] });
        }
      },
    );
  });
});

/** Random numbers from 0 to 1 that are the same in each run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

async function cloneOf<T extends OpenedProject>({ sandbox, ...rest }: T) {
  const clone = await createSandbox();
  for (const name of ['.mlops.yaml', '.mlops.lock.yaml']) cpSync(sandbox.path(name), clone.path(name));
  return { ...rest, ...openedProject(clone) };
}

/** A tree of every kind of thing, as one text. */
function describeFolder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => {
      const path = join(folder, name);
      const stat = lstatSync(path);
      if (stat.isSymbolicLink()) return `${name} -> ${readlinkSync(path)}`;
      if (stat.isDirectory()) return `${name}/`;
      return `${name}${(stat.mode & 0o100) === 0 ? '' : '*'} ${digestOf(readFileSync(path))}`;
    });
}

async function pushUntilDone({ opened }: { opened: Project }): Promise<void> {
  for (let time = 0; time < 20; time++) {
    const failed = await pushObjects(opened, ALL).then(
      (result) => result.failed,
      () => ['refused as a whole'],
    );
    if (failed.length === 0) return;
  }
  throw new Error('The push never came through.');
}

function first(fault: Fault): (request: ProxiedRequest) => Fault | null {
  return ({ time }) => (time === 1 ? fault : null);
}

function whenDownloading(decide: (request: ProxiedRequest) => Fault | null): (request: ProxiedRequest) => Fault | null {
  return (request) => (request.method === 'GET' && request.path.includes('/v1/objects/') ? decide(request) : null);
}
