import { randomUUID } from 'node:crypto';
import { cpSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { missingOnRemote } from '../../src/features/data/transfer/missing.ts';
import { pull, pushObjects } from '../../src/features/data/transfer/transfer.ts';
import { addRemote } from '../../src/features/remotes/add.ts';
import type { Project } from '../../src/project/project.ts';
import { openRemote } from '../../src/stores/remotes/index.ts';
import { PATIENT } from '../../src/stores/remotes/retry.ts';
import { type Fault, startFaultProxy } from '../support/fault-proxy.ts';
import { createProject, type OpenedProject, openedProject } from '../support/open-project.ts';
import { createRandom, type Random } from '../support/random.ts';
import { type S3Server, s3Missing, startS3Server } from '../support/s3-server.ts';
import { createSandbox } from '../support/sandbox.ts';
import { track } from '../support/tracking.ts';

// Each round is another network, and other files. MLOPS_ROUNDS for many, MLOPS_SEED for one of them again.
const ROUNDS = Number(process.env['MLOPS_ROUNDS'] ?? 4);
const FIRST = Number(process.env['MLOPS_SEED'] ?? 1);
const ALL = { targets: [], remote: null, jobs: null, dryRun: false };
const PULL = { ...ALL, force: false, allowMissing: false };
const FAULTS: readonly Fault[] = [
  'reset',
  'lost',
  'duplicated',
  'busy',
  'broken',
  'expired',
  'truncated',
  'altered',
  'stalled',
  'slow',
];
/** So often something is tried on a network that fails every few requests. */
const ATTEMPTS = 40;

type Connected = OpenedProject & { readonly prefix: string };

describe.skipIf(s3Missing !== null)('over a network that fails at random', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  });
  afterAll(() => server?.stop());

  /** Small files, enough for packs in some rounds, and now and then one that is large. */
  const filesOf = (random: Random): Record<string, string> => {
    const count = random.pick([3, 30, 90]);
    const small = Array.from({ length: count }, (_, at) => [
      `data/${at % random.pick([1, 3, 20])}/${at}.txt`,
      `${at} ${random.next()} `.repeat(1 + Math.floor(random.next() * 40)),
    ]);
    const large = random.chance(0.2) ? [['data/large.bin', `${random.next()} `.repeat(500_000)]] : [];
    return Object.fromEntries([...small, ...large]);
  };

  async function createSource(random: Random): Promise<Connected & { files: Record<string, string> }> {
    const files = filesOf(random);
    const [source, prefix] = [await createProject(files), randomUUID()];
    const { endpoint } = server;
    await addRemote(await source.open(), { name: 'origin', url: server.url(prefix), endpoint, default: true });
    await track(await signedIn(source), 'data');
    return { ...source, prefix, files };
  }

  async function cloneOf({ sandbox, prefix }: Connected): Promise<Connected> {
    const clone = await createSandbox();
    for (const name of ['.mlops.yaml', '.mlops.lock.yaml']) cpSync(sandbox.path(name), clone.path(name));
    return { ...openedProject(clone), prefix };
  }

  const signedIn = (project: OpenedProject) => project.open({ env: server.env });

  /** The same project behind a bad network, with a clock that does not wait. */
  async function behind(project: Connected, random: Random, often: number): Promise<Project> {
    const decide = () => (random.chance(often) ? random.pick(FAULTS) : null);
    const proxy = await startFaultProxy(server.endpoint, decide);
    onTestFinished(() => proxy.stop());
    const options = server.options({ endpoint: proxy.endpoint, silenceMilliseconds: 300 });
    const openRemoteBehind = () =>
      openRemote(server.url(project.prefix), options, { ...PATIENT, wait: async () => undefined });
    return { ...(await signedIn(project)), openRemote: openRemoteBehind };
  }

  async function expectWhole({
    files,
    clone,
    seed,
  }: {
    files: Record<string, string>;
    clone: Connected;
    seed: number;
  }) {
    for (const [path, text] of Object.entries(files)) {
      expect((await clone.sandbox.read(path)) === text, `seed ${seed}: ${path}`).toBe(true);
    }
    const cache = await (await signedIn(clone)).cache();
    for (const { digest } of cache.list()) expect(cache.isSound(digest), `seed ${seed}`).toBe(true);
  }

  test(
    'push and pull end with both sides equal, or say what is not, and nothing in the cache is wrong',
    { timeout: 60_000 + ROUNDS * 15_000 },
    async () => {
      for (let seed = FIRST; seed < FIRST + ROUNDS; seed++) {
        const random = createRandom(seed);
        const often = random.pick([0.1, 0.3]);
        const source = await createSource(random);
        const pushing = await behind(source, random, often);
        let isPushed = false;
        for (let time = 0; time < ATTEMPTS && !isPushed; time++) {
          const failed = await pushObjects(pushing, ALL).then((result) => result.failed.length, expectTold);
          const { missing } = await missingOnRemote(await signedIn(source), null, []);
          // What a push says went well is there.
          if (failed === 0) expect(missing, `seed ${seed}`).toEqual([]);
          isPushed = failed === 0;
        }
        expect(isPushed, `seed ${seed}: the push never came through`).toBe(true);

        const clone = await cloneOf(source);
        const pulling = await behind(clone, random, often);
        let isPulled = false;
        for (let time = 0; time < ATTEMPTS && !isPulled; time++) {
          const failed = await pull(pulling, PULL).then((result) => result.failed.map(({ path }) => path), expectTold);
          const cache = await (await signedIn(clone)).cache();
          for (const { digest } of cache.list()) expect(cache.isSound(digest), `seed ${seed}`).toBe(true);
          isPulled = Array.isArray(failed) && failed.length === 0;
        }
        expect(isPulled, `seed ${seed}: the pull never came through`).toBe(true);
        await expectWhole({ files: source.files, clone, seed });
      }
    },
  );

  test(
    'what is deleted or altered behind our back is listed by a pull, put back by a push, and then all is there',
    { timeout: 60_000 + ROUNDS * 5_000 },
    async () => {
      for (let seed = FIRST; seed < FIRST + ROUNDS; seed++) {
        const random = createRandom(seed);
        const source = await createSource(random);
        expect(await pushObjects(await signedIn(source), ALL)).toMatchObject({ failed: [] });
        const remote = await openRemote(server.url(source.prefix), server.options());
        const entries = [];
        for await (const entry of remote.list('v1/')) entries.push(entry);
        let isAltered = false;
        for (const { key, size } of random.some(entries, 3)) {
          if (random.chance(0.6)) await remote.delete([key]);
          else {
            isAltered = true;
            const bytes = Buffer.from('x'.repeat(random.chance(0.5) ? size : Math.floor(size / 2)));
            await remote.put(key, { type: 'bytes', bytes }, 'always');
          }
        }
        remote.close();

        const early = await cloneOf(source);
        const first = await pull(await signedIn(early), { ...PULL, allowMissing: true });
        const gone = first.failed.map(({ path }) => path);
        for (const [path, text] of Object.entries(source.files)) {
          if (gone.some((at) => `${path}/`.startsWith(`${at}/`))) continue;
          expect((await early.sandbox.read(path)) === text, `seed ${seed}: ${path}`).toBe(true);
        }
        const cache = await (await signedIn(early)).cache();
        for (const { digest } of cache.list()) expect(cache.isSound(digest), `seed ${seed}`).toBe(true);

        // What was altered and kept its size looks sound from afar: there --force is the way, as the message says.
        expect(await pushObjects(await signedIn(source), { ...ALL, force: isAltered }), `seed ${seed}`).toMatchObject({
          failed: [],
        });
        const clone = await cloneOf(source);
        expect(await pull(await signedIn(clone), PULL), `seed ${seed}`).toMatchObject({ failed: [] });
        await expectWhole({ files: source.files, clone, seed });
      }
    },
  );
});

/** A failure as a whole names its cause. */
function expectTold(error: unknown): null {
  expect(error).toMatchObject({ kind: 'remote-unavailable', message: expect.stringMatching(/.{20}/) });
  return null;
}
