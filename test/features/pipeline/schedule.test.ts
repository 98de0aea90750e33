import { expect, test } from 'vitest';
import type { Stage } from '../../../src/core/stage.ts';
import { runSchedule } from '../../../src/features/pipeline/run/schedule.ts';
import { stageOf } from '../../support/pipelines.ts';

interface Circumstances {
  readonly jobs?: number;
  readonly resources?: Record<string, number>;
  readonly upstream?: Record<string, readonly string[]>;
}

/** Visits each stage for as long as the test wants; `began` is the order of beginnings. */
function schedule(stages: readonly Stage[], { jobs = 1, resources = {}, upstream = {} }: Circumstances = {}) {
  const began: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const releases = new Map<string, () => void>();
  const done = runSchedule(
    { stages, jobs, resources, upstream: new Map(Object.entries(upstream)) },
    (stage, release) => {
      began.push(stage.name);
      releases.set(stage.name, release);
      return new Promise<void>((resolve, reject) => {
        ends.set(stage.name, (error) => (error === undefined ? resolve() : reject(error)));
      });
    },
  );
  return {
    began,
    done,
    async release(name: string) {
      releases.get(name)?.();
      await new Promise(setImmediate);
    },
    async end(name: string, error?: Error) {
      ends.get(name)?.(error);
      // All that follows from it is on the queue of microtasks.
      await new Promise(setImmediate);
    },
  };
}

const stages = ['a', 'b', 'c', 'd'].map((name) => stageOf(name));

test('one at once is the order of the stages', async () => {
  const { began, end, done } = schedule(stages);
  for (const name of ['a', 'b', 'c', 'd']) {
    expect(began.at(-1)).toBe(name);
    await end(name);
  }
  await done;
});

test('as many at once as asked, and the first that waits takes the place of one that ends', async () => {
  const { began, end } = schedule(stages, { jobs: 2 });
  expect(began).toEqual(['a', 'b']);
  await end('b');
  expect(began).toEqual(['a', 'b', 'c']);
});

test('a stage begins when the last of what it reads is over, before those behind it', async () => {
  const upstream = { b: ['a'], d: ['a', 'c'] };
  const { began, end } = schedule(stages, { jobs: 9, upstream });
  expect(began).toEqual(['a', 'c']);
  await end('a');
  expect(began).toEqual(['a', 'c', 'b']);
  await end('c');
  expect(began).toEqual(['a', 'c', 'b', 'd']);
});

test('what is not among the stages is not waited for', () => {
  expect(schedule(stages, { upstream: { a: ['elsewhere'] } }).began).toEqual(['a']);
});

test('resources are never held above their number, and whoever fits goes ahead', async () => {
  const gpu = (name: string, count: number) => stageOf(name, { resources: { gpu: count } });
  const all = [gpu('one', 1), gpu('two', 2), gpu('other', 1), stageOf('none')];
  const { began, end } = schedule(all, { jobs: 9, resources: { gpu: 2 } });
  expect(began).toEqual(['one', 'other', 'none']);
  await end('one');
  expect(began).toHaveLength(3);
  await end('other');
  expect(began).toEqual(['one', 'other', 'none', 'two']);
});

test('no two stages hold the same word of a mutex at once', async () => {
  const all = [['database'], ['database', 'disk'], ['disk'], []].map((mutex, at) => stageOf(`s${at}`, { mutex }));
  const { began, end } = schedule(all, { jobs: 9 });
  expect(began).toEqual(['s0', 's2', 's3']);
  await end('s0');
  expect(began).toHaveLength(3);
  await end('s2');
  expect(began).toEqual(['s0', 's2', 's3', 's1']);
});

test('after an error nothing begins, and it comes out when all that runs is over', async () => {
  const { began, end, done } = schedule(stages, { jobs: 2 });
  let isOver = false;
  const outcome = done.finally(() => (isOver = true)).catch((error: unknown) => error);
  await end('a', new Error('a bug'));
  expect(began).toEqual(['a', 'b']);
  expect(isOver).toBe(false);
  await end('b');
  expect(await outcome).toEqual(new Error('a bug'));
});

test('a visit that is released makes room, for what reads it too, and is waited for at the end', async () => {
  const { began, end, release, done } = schedule(stages.slice(0, 2), { upstream: { b: ['a'] } });
  await release('a');
  expect(began).toEqual(['a', 'b']);
  await release('a');
  let isOver = false;
  const over = done.then(() => (isOver = true));
  await end('b');
  expect(isOver).toBe(false);
  await end('a');
  await over;
});
