import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { moveAside, recoverRuns, sweepRun, withRunLease } from '../../../src/features/pipeline/run/journal.ts';
import { layoutOf } from '../../../src/project/layout.ts';
import { createFolder } from '../../support/sandbox.ts';

const RUN = '20300101T000000Z-aaaaaa';
const outputs = [
  { path: 'models/churn', persist: false, isSafe: true, keepAt: null },
  { path: 'log.txt', persist: true, isSafe: false, keepAt: null },
  { path: 'new/report.html', persist: false, isSafe: true, keepAt: null },
];

async function openPlace() {
  const root = await createFolder();
  const layout = layoutOf(root);
  mkdirSync(layout.tmp, { recursive: true });
  const place = { root, layout, report: () => undefined, signal: new AbortController().signal };
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const read = (path: string) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null);
  write('models/churn/weights.bin', 'old weights');
  write('log.txt', 'old log');
  return { place, write, read };
}

test('outputs are out of the way while a stage runs; one that persists is there as a copy', async () => {
  const { place, read } = await openPlace();
  moveAside(place, RUN, 'train', outputs);
  expect(read('models/churn/weights.bin')).toBeNull();
  expect(read('log.txt')).toBe('old log');
  expect(existsSync(join(place.root, 'new'))).toBe(true);
});

test('after a success the new outputs stay and nothing else is left', async () => {
  const { place, read, write } = await openPlace();
  const aside = moveAside(place, RUN, 'train', outputs);
  write('models/churn/weights.bin', 'new weights');
  aside.commit();
  sweepRun(place, RUN);
  await recoverRuns(place);
  expect(read('models/churn/weights.bin')).toBe('new weights');
  expect(readdirSync(place.layout.aside)).toEqual([]);
});

test('after a failure everything is as before, and what was half written is kept for a look', async () => {
  const { place, read, write } = await openPlace();
  const aside = moveAside(place, RUN, 'train@1/a', outputs);
  write('models/churn/weights.bin', 'half');
  write('log.txt', 'old log, and more');
  write('new/report.html', '<html');
  aside.giveBack();
  expect(read('models/churn/weights.bin')).toBe('old weights');
  expect(read('log.txt')).toBe('old log');
  expect(read('new/report.html')).toBeNull();
  const failed = (path: string) => read(`.mlops/failed/train%401%2Fa/${path}`);
  expect([failed('models/churn/weights.bin'), failed('log.txt'), failed('new/report.html')]).toEqual([
    'half',
    'old log, and more',
    '<html',
  ]);
});

test('the next writing command gives back what a dead process had moved, however far it came', async () => {
  const { place, read, write } = await openPlace();
  moveAside(place, RUN, 'train', outputs);
  write('models/churn/weights.bin', 'half');
  await recoverRuns(place);
  await recoverRuns(place);
  expect(read('models/churn/weights.bin')).toBe('old weights');
  expect(read('log.txt')).toBe('old log');
});

test('a run whose owner lives is left alone', async () => {
  const { place, read } = await openPlace();
  await withRunLease(place, RUN, async () => {
    moveAside(place, RUN, 'train', outputs);
    await recoverRuns(place);
    expect(read('models/churn/weights.bin')).toBeNull();
  });
});

test.runIf(process.platform === 'linux')(
  'what a dead run left running is ended before its outputs are given back',
  async () => {
    const { place } = await openPlace();
    moveAside(place, RUN, 'train', outputs);
    const orphan = spawn('sleep', ['1000'], { env: { ...process.env, MLOPS_RUN: RUN }, detached: true });
    await once(orphan, 'spawn');
    const ended = once(orphan, 'exit');
    await recoverRuns(place);
    expect(await ended).toEqual([null, 'SIGKILL']);
  },
);

test('a journal that would move things outside the project is refused', async () => {
  const { place, write, read } = await openPlace();
  write(
    `.mlops/aside/${RUN}/train.journal.json`,
    JSON.stringify({ stage: 'x', outputs: [{ path: '../y', wasThere: true }] }),
  );
  await expect(recoverRuns(place)).rejects.toThrow(expect.objectContaining({ kind: 'damaged' }));
  expect(read('log.txt')).toBe('old log');
});
