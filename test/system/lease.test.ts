import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Event } from '../../src/core/event.ts';
import { type LeaseOptions, withLease } from '../../src/system/lease.ts';
import { thisProcess } from '../../src/system/process-name.ts';
import { createFolder } from '../support/sandbox.ts';

async function leaseIn(more: Partial<LeaseOptions> = {}): Promise<LeaseOptions> {
  const folder = join(await createFolder(), 'leases');
  const signal = new AbortController().signal;
  return {
    folder,
    name: 'lockfile',
    what: 'the lockfile',
    waitMilliseconds: null,
    report: () => undefined,
    signal,
    ...more,
  };
}

/** Leaves a lease behind as if another process held it. */
function heldBy(options: LeaseOptions, owner: object): string {
  mkdirSync(options.folder, { recursive: true });
  const file = join(options.folder, options.name);
  writeFileSync(file, JSON.stringify({ owner: { ...thisProcess(), ...owner }, token: 'other' }));
  return file;
}

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

test('one works at a time, and nothing is left behind', async () => {
  const options = await leaseIn();
  let [inside, most] = [0, 0];
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside--;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLease(options, work)));
  expect(most).toBe(1);
  expect(readdirSync(options.folder)).toEqual([]);
});

test('it is given back when the work fails', async () => {
  const options = await leaseIn({ waitMilliseconds: 0 });
  await expect(withLease(options, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await withLease(options, () => 'mine')).toBe('mine');
});

test('without waiting, who holds it is told', async () => {
  const options = await leaseIn({ waitMilliseconds: 0 });
  await withLease(options, () =>
    expect(withLease(options, () => 'mine')).rejects.toMatchObject({
      kind: 'busy',
      message: `Another mlops (process ${process.pid}) holds the lockfile.`,
    }),
  );
});

test('the lease of a process that is gone is taken over at once, by one of many', async () => {
  const options = await leaseIn();
  heldBy(options, { pid: await deadPid() });
  let [inside, most] = [0, 0];
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside--;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLease(options, work)));
  expect(most).toBe(1);
});

test('a number that another process has now does not keep a lease alive', async () => {
  const options = await leaseIn({ waitMilliseconds: 0 });
  heldBy(options, { started: '1' });
  expect(await withLease(options, () => 'mine')).toBe('mine');
});

test('an owner from before a restart of the machine is gone', async () => {
  const options = await leaseIn({ waitMilliseconds: 0 });
  heldBy(options, { boot: 'another boot' });
  expect(await withLease(options, () => 'mine')).toBe('mine');
});

test('an owner on another machine is believed alive', async () => {
  const options = await leaseIn({ waitMilliseconds: 0 });
  heldBy(options, { host: 'elsewhere', pid: 7 });
  await expect(withLease(options, () => 'mine')).rejects.toMatchObject({
    kind: 'busy',
    message: 'Another mlops (process 7 on elsewhere) holds the lockfile.',
  });
});

test('a file that is no lease is removed once it is old', async () => {
  const options = await leaseIn({ waitMilliseconds: 0 });
  mkdirSync(options.folder, { recursive: true });
  const file = join(options.folder, 'lockfile');
  writeFileSync(file, '');
  await expect(withLease(options, () => 'mine')).rejects.toMatchObject({ kind: 'busy' });
  utimesSync(file, 1, 1);
  expect(await withLease(options, () => 'mine')).toBe('mine');
});

test('waiting is told after a second, and ends when it is interrupted', async () => {
  const stop = new AbortController();
  const events: Event[] = [];
  const options = await leaseIn({
    signal: stop.signal,
    report: (event) => {
      events.push(event);
      stop.abort();
    },
  });
  heldBy(options, {});
  await expect(withLease(options, () => 'mine')).rejects.toMatchObject({ kind: 'interrupted' });
  expect(events).toEqual([{ type: 'waiting', for: 'the lockfile', owner: `process ${process.pid}` }]);
});

test('whoever has several gives each back by itself, and others wait for that one alone', async () => {
  const options = await leaseIn({ waitMilliseconds: 0 });
  const other = { ...options, name: 'output a' };
  let giveBack: () => void = () => undefined;
  let first: Promise<void> = Promise.resolve();
  await new Promise<void>((taken) => {
    first = withLease(options, () => {
      taken();
      return new Promise<void>((resolve) => (giveBack = resolve));
    });
  });
  await withLease(other, async () => {
    giveBack();
    await first;
    expect(await withLease(options, () => 'free')).toBe('free');
    await expect(withLease(other, () => 'mine')).rejects.toMatchObject({ kind: 'busy' });
  });
  expect(readdirSync(options.folder)).toEqual([]);
});

test('what was taken from us and taken again is not given back by who had it first', async () => {
  const options = await leaseIn({ waitMilliseconds: 0 });
  const file = join(options.folder, options.name);
  await withLease({ ...options, name: 'run' }, async () => {
    let second: Promise<void> = Promise.resolve();
    let giveBack: () => void = () => undefined;
    await withLease(options, async () => {
      rmSync(file);
      second = withLease(options, () => new Promise<void>((resolve) => (giveBack = resolve)));
    });
    await expect(withLease(options, () => 'mine')).rejects.toMatchObject({ kind: 'busy' });
    giveBack();
    await second;
  });
  expect(readdirSync(options.folder)).toEqual([]);
});

test('what is held for a moment alone is waited for by the impatient too', async () => {
  const options = { ...(await leaseIn()), waitMilliseconds: 0, isBrief: true };
  const first = withLease(options, () => new Promise((resolve) => setImmediate(resolve)));
  await expect(withLease(options, () => 'had')).resolves.toBe('had');
  await first;
});
