import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Run } from '../../../src/core/run.ts';
import { openBetterSqlite, openNodeSqlite } from '../../../src/stores/runs/database.ts';
import { openRuns } from '../../../src/stores/runs/runs.ts';
import { createFolder } from '../../support/sandbox.ts';
import { sqliteMissing } from '../../support/sqlite.ts';

const run: Run = {
  id: '20300101T000000Z-aaaaaa',
  startedAt: '2030-01-01T00:00:00.000Z',
  milliseconds: 1200,
  commit: '0123456789abcdef0123456789abcdef01234567',
  dirty: true,
  outcome: 'failed',
  stages: [
    {
      stage: 'train',
      outcome: 'failed',
      reasons: [{ type: 'param-changed', file: 'params.yaml', name: 'lr' }],
      milliseconds: 1100,
      exitCode: 3,
    },
  ],
  params: { 'params.yaml:lr': 0.1, 'params.yaml:layers': [8, 8] },
  metrics: {
    'metrics.json:accuracy': 0.97,
    'metrics.json:loss': Number.NaN,
    'metrics.json:ratio': Number.POSITIVE_INFINITY,
  },
  host: { platform: 'linux', arch: 'x64', node: 'v20.19.0', cpus: 2, memory: 24e9 },
};
const later: Run = {
  ...run,
  id: '20300102T000000Z-bbbbbb',
  startedAt: '2030-01-02T00:00:00.000Z',
  commit: null,
  dirty: false,
  outcome: 'succeeded',
  stages: [{ stage: 'prepare', outcome: 'restored', reasons: [], milliseconds: 3, exitCode: null }],
};

async function open(file?: string) {
  const runs = await openRuns(file ?? join(await createFolder(), 'runs.db'), null);
  onTestFinished(() => runs.close());
  return runs;
}

test.skipIf(sqliteMissing !== null)('a run comes back as it was recorded, numbers that are none included', async () => {
  const runs = await open();
  runs.record(run);
  expect(runs.list()).toEqual([run]);
});

test.skipIf(sqliteMissing !== null)('runs are listed newest first, by stage, by time, and so many', async () => {
  const runs = await open();
  for (const one of [run, later]) runs.record(one);
  const ids = (filter: Parameters<typeof runs.list>[0]) => runs.list(filter).map(({ id }) => id);
  expect(ids({})).toEqual([later.id, run.id]);
  expect(ids({ limit: 1 })).toEqual([later.id]);
  expect(ids({ stage: 'train' })).toEqual([run.id]);
  expect(ids({ since: '2030-01-01T12:00:00.000Z' })).toEqual([later.id]);
});

test.skipIf(sqliteMissing !== null)('a run is found by the beginning of its id, when that fits one alone', async () => {
  const runs = await open();
  for (const one of [run, later]) runs.record(one);
  expect(runs.find('20300102')).toEqual(later);
  expect(runs.find('1999')).toBeUndefined();
  expect(runs.find('%')).toBeUndefined();
  expect(() => runs.find('2030')).toThrow(expect.objectContaining({ kind: 'usage' }));
});

test.skipIf(sqliteMissing !== null)('the history outlives the process, and two may write it at once', async () => {
  const file = join(await createFolder(), 'runs.db');
  const [first, second] = await Promise.all([open(file), open(file)]);
  first.record(run);
  second.record(later);
  expect((await open(file)).list()).toHaveLength(2);
});

test('where neither SQLite loads, one sentence says how to get one', async () => {
  await expect(openRuns(join(await createFolder(), 'runs.db'), null, [async () => undefined])).rejects.toThrow(
    expect.objectContaining({ kind: 'failed', hint: expect.stringContaining('npm rebuild better-sqlite3') }),
  );
});

test.skipIf(sqliteMissing !== null)('a file that is no database is told by name, with the way out', async () => {
  const file = join(await createFolder(), 'runs.db');
  await writeFile(file, 'not a database, but long enough to look like one '.repeat(100));
  await expect(openRuns(file, null)).rejects.toThrow(
    expect.objectContaining({
      kind: 'failed',
      message: expect.stringContaining(file),
      hint: 'mlops runs rebuild',
    }),
  );
});

test.skipIf(sqliteMissing !== null)('a database of a newer mlops is left alone', async () => {
  const file = join(await createFolder(), 'runs.db');
  const database = (await openBetterSqlite(file)) ?? (await openNodeSqlite(file));
  database?.exec('PRAGMA user_version = 99');
  database?.close();
  await expect(openRuns(file, null)).rejects.toThrow(
    expect.objectContaining({ message: expect.stringContaining('newer mlops') }),
  );
});

test.each([
  ['better-sqlite3', openBetterSqlite],
  ['node:sqlite', openNodeSqlite],
])('%s keeps the same history, where it is there', async (_, way) => {
  const file = join(await createFolder(), 'runs.db');
  const probe = await way(join(await createFolder(), 'probe.db'));
  if (probe === undefined) return;
  probe.close();
  const runs = await openRuns(file, null, [way]);
  runs.record(run);
  expect(runs.list()).toEqual([run]);
  runs.close();
});
