import { readdirSync, statSync, writeFileSync, readFileSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LockedFile, LockedStage } from '../../../src/core/lockfile.ts';
import { findRuns, mayHaveRun, recordRun } from '../../../src/features/pipeline/run/run-cache.ts';
import { snapshotOfLocked } from '../../../src/features/pipeline/decision/snapshot.ts';
import { layoutOf } from '../../../src/project/layout.ts';
import { createPipelineProject, outcomesOf } from '../../support/pipeline-project.ts';
import { createFolder } from '../../support/sandbox.ts';

const file = (name: string): LockedFile => ({
  kind: 'file',
  digest: `blake3:${name.padEnd(64, '0')}`,
  size: 1,
  executable: false,
});
const locked: LockedStage = {
  cmd: ['node train.js'],
  shell: null,
  wdir: '.',
  settings: null,
  deps: { 'data.csv': file('a') },
  params: { 'params.yaml': { id: 12345678901234567890n, lr: 1, name: '1', size: 7n, path: 'x' } },
  env: { SEED: null },
  outputs: { model: { ...file('c'), role: 'outs', cache: true, persist: false } },
};
const now = snapshotOfLocked(locked);

async function openPlace() {
  const layout = layoutOf(await createFolder());
  mkdirSync(layout.tmp, { recursive: true });
  return { layout };
}

test('a run comes back for the same inputs, types of params included, and for no others', async () => {
  const place = await openPlace();
  recordRun(place, '20300101T000000Z-aaaaaa', locked);
  expect(findRuns(place, now)).toEqual([locked]);
  expect(findRuns(place, { ...now, deps: { 'data.csv': file('b') } })).toEqual([]);
  expect(findRuns(place, { ...now, params: { 'params.yaml': { ...now.params['params.yaml'], lr: 1n } } })).toEqual([]);
});

test('of several runs the newest comes first', async () => {
  const place = await openPlace();
  const newer = { ...locked, outputs: { model: { ...file('d'), role: 'outs', cache: true, persist: false } as const } };
  recordRun(place, '20300102T000000Z-bbbbbb', newer);
  recordRun(place, '20300101T000000Z-aaaaaa', locked);
  expect(findRuns(place, now)).toEqual([newer, locked]);
});

test('a record that was damaged, or put where another should be, is none', async () => {
  const place = await openPlace();
  recordRun(place, '20300101T000000Z-aaaaaa', locked);
  const [record = ''] = filesBelow(place.layout.runCache);
  const text = readFileSync(record, 'utf8');
  for (const harm of [
    text.slice(0, 100),
    '',
    'version: 1\n',
    text.replaceAll('model', '../x'),
    text.replace('data.csv', 'else.csv'),
  ]) {
    writeFileSync(record, harm);
    expect(findRuns(place, now)).toEqual([]);
  }
});

test('whether a run may be restored is known before all dependencies are', async () => {
  const place = await openPlace();
  const two = { ...locked, deps: { 'data.csv': file('a'), other: file('b') } };
  recordRun(place, '20300101T000000Z-aaaaaa', two);
  const unknown = new Set(['other']);
  expect(mayHaveRun(place, { ...snapshotOfLocked(two), deps: { 'data.csv': file('a'), other: null } }, unknown)).toBe(
    true,
  );
  expect(mayHaveRun(place, { ...snapshotOfLocked(two), deps: { 'data.csv': file('c'), other: null } }, unknown)).toBe(
    false,
  );
});

function filesBelow(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)));
  return names.filter((name) => statSync(name).isFile());
}

test('of runs within one second, too, the newest is the one that comes back', async () => {
  const project = await createPipelineProject('stages: { s: { cmd: "cat in secret > o", deps: [in], outs: [o] } }', {
    in: '',
  });
  for (let at = 0; at < 8; at++) {
    await project.write({ secret: `${at}` });
    await project.repro({ force: true }, { now: new Date(1_900_000_000_000 + at) });
  }
  await rm(project.path('.mlops.lock.yaml'));
  await rm(project.path('o'));
  expect(outcomesOf(await project.repro())).toEqual({ s: 'restored' });
  expect(await project.read('o')).toBe('7');
});
