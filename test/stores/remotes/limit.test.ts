import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openRemote } from '../../../src/stores/remotes/index.ts';
import { createPace } from '../../../src/stores/remotes/limit.ts';
import { PATIENT } from '../../../src/stores/remotes/retry.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import { s3Missing, startS3Server } from '../../support/s3-server.ts';

/** Work that ends when the test says so. */
function createWork(paced: ReturnType<typeof createPace>) {
  const running: { done(): void; fail(): void }[] = [];
  const begin = () => {
    const work = () =>
      new Promise<void>((resolve, reject) => running.push({ done: resolve, fail: () => reject(new Error('busy')) }));
    paced(work).catch(() => undefined);
  };
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    running,
    async begin(count: number) {
      for (let at = 0; at < count; at++) begin();
      await turn();
    },
    async end(count: number, how: 'done' | 'fail') {
      for (const one of running.splice(0, count)) one[how]();
      await turn();
    },
  };
}

const isBusy = (error: unknown) => error instanceof Error && error.message === 'busy';

describe('a pace', () => {
  test('is as fast as what it is given, until it is too much', async () => {
    const work = createWork(createPace(isBusy));
    await work.begin(100);
    expect(work.running).toHaveLength(100);
  });

  test('is halved once for what was under way together, and again for what began after that', async () => {
    const work = createWork(createPace(isBusy));
    await work.begin(40);
    await work.end(16, 'fail');
    await work.begin(16);
    expect(work.running).toHaveLength(24);
    await work.end(24, 'done');
    expect(work.running.length).toBeLessThanOrEqual(21);
    expect(work.running.length).toBeGreaterThanOrEqual(16);
  });

  test('never stands still, and grows back to where it was', async () => {
    const work = createWork(createPace(isBusy));
    await work.begin(16);
    for (let time = 0; time < 8; time++) {
      await work.end(work.running.length, 'fail');
      await work.begin(16);
    }
    expect(work.running).toHaveLength(1);
    for (let rounds = 0; rounds < 40; rounds++) {
      await work.end(work.running.length, 'done');
      await work.begin(16);
    }
    await work.begin(40);
    expect(work.running.length).toBeGreaterThan(40);
  });
});

describe.skipIf(s3Missing !== null)('a server that takes three requests at once', () => {
  test.each([null, 48])('gets all that is sent to it, with jobs: %s', async (jobs) => {
    const server = await startS3Server();
    onTestFinished(() => server.stop());
    let [most, refused] = [0, 0];
    const proxy = await startFaultProxy(server.endpoint, ({ inFlight }) => {
      most = Math.max(most, inFlight);
      if (inFlight <= 3) return null;
      refused += 1;
      return 'busy';
    });
    onTestFinished(() => proxy.stop());
    const options = server.options({ endpoint: proxy.endpoint, jobs });
    const remote = await openRemote(server.url(randomUUID()), options, {
      ...PATIENT,
      wait: () => turn(),
    });
    onTestFinished(() => remote.close());
    const count = 200;
    const send = async (from: number) => {
      for (let at = from; at < count; at += remote.defaultJobs)
        await remote.put(`v1/${at}`, { type: 'bytes', bytes: Buffer.from(`${at}`) }, 'always');
    };
    await Promise.all(Array.from({ length: remote.defaultJobs }, (_, from) => send(from)));
    const keys: string[] = [];
    for await (const { key } of remote.list('v1/')) keys.push(key);
    expect(keys).toHaveLength(count);
    expect(most).toBeGreaterThan(3);
    expect(most).toBeLessThanOrEqual(jobs ?? 16);
    expect(refused).toBeLessThan(count);
  });
});
