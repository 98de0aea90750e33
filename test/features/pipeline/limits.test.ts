import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPipelineProject, outcomesOf } from '../../support/pipeline-project.ts';
import { sqliteMissing } from '../../support/sqlite.ts';

test('a stage that takes longer than its timeout is ended, has failed, and leaves what was there', async () => {
  const project = await createPipelineProject(
    'stages: { slow: { cmd: "echo half > o; echo begun; sleep 60; echo whole > o", outs: [o], timeout: 200ms } }\n',
    { o: 'mine\n' },
  );
  const result = await project.repro();
  expect(outcomesOf(result)).toEqual({ slow: 'failed' });
  expect(result.failures).toMatchObject([
    {
      kind: 'stage-failed',
      message: 'Stage "slow" was ended: it took longer than its timeout allows.',
      hint: expect.stringMatching(
        /in \.mlops\/failed\/slow\/, what it said in \.mlops\/logs\/.+\/slow\.log\.$/,
      ) as string,
    },
  ]);
  expect(await project.read('o')).toBe('mine\n');
  expect(await project.read('.mlops/failed/slow/o')).toBe('half\n');
  expect((await project.open()).readLockfile().stages).toEqual({});
});

test('a stage that makes its end of a timeout look well has failed all the same', async () => {
  const project = await createPipelineProject(
    `stages: { slow: { cmd: "trap 'echo > o; exit 0' TERM; while :; do sleep 0.01; done", outs: [o], timeout: 100ms } }\n`,
  );
  expect(outcomesOf(await project.repro())).toEqual({ slow: 'failed' });
});

test('a timeout that is not reached changes nothing', async () => {
  const project = await createPipelineProject('stages: { quick: { cmd: "echo > o", outs: [o], timeout: 1h } }\n');
  expect(outcomesOf(await project.repro())).toEqual({ quick: 'ran' });
});

// Fails until it was tried often enough; the output grows when it is not given back before.
const FLAKY = (retries: number) => `
stages:
  flaky:
    cmd: |
      echo try >> tries
      cat o 2>/dev/null >> seen || true
      echo new >> o
      test $(wc -l < tries) -ge 3
    outs: [{ o: { persist: true, cache: false } }]
    retries: ${retries}
`;

test.skipIf(sqliteMissing !== null)(
  'a stage that fails is tried again, each time from its previous outputs',
  async () => {
    const project = await createPipelineProject(FLAKY(2), { o: 'old\n' });
    const result = await project.repro();
    expect(outcomesOf(result)).toEqual({ flaky: 'ran' });
    expect(await project.read('seen')).toBe('old\nold\nold\n');
    expect(await project.read('o')).toBe('old\nnew\n');
    const warnings = project.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
    expect(warnings).toEqual([
      'Stage "flaky" exited with 1. Trying it again, 2 times at most.',
      'Stage "flaky" exited with 1. Trying it again, for the last time.',
      expect.stringContaining('o was not what the lockfile says'),
    ]);
  },
);

test('after its last retry it has failed, and its previous outputs are back', async () => {
  const project = await createPipelineProject(FLAKY(1), { o: 'old\n' });
  expect(outcomesOf(await project.repro())).toEqual({ flaky: 'failed' });
  expect(await project.read('tries')).toBe('try\ntry\n');
  expect(await project.read('o')).toBe('old\n');
});

test.skipIf(sqliteMissing !== null)('an interruption is no failure to try again', async () => {
  const project = await createPipelineProject('stages: { a: { cmd: "echo x >> tries; sleep 60", retries: 5 } }\n');
  const ctrlC = new AbortController();
  const onEvent = () => void setImmediate(() => ctrlC.abort());
  await project.repro({}, { signal: ctrlC.signal, onEvent });
  expect(project.events.filter(({ type }) => type === 'warning')).toEqual([]);
});

test('what each stage says is kept by run and stage; silent stages have no log', async () => {
  const project = await createPipelineProject(`
stages:
  loud: { cmd: "echo out; echo err >&2" }
  silent: { cmd: "true" }
  score: { foreach: [a], do: { cmd: "echo scored" } }
`);
  const { run } = await project.repro({ jobs: 2 });
  const logs = join('.mlops/logs', run ?? '');
  expect(readdirSync(project.path(logs)).toSorted()).toEqual(['loud.log', 'score%40a.log']);
  expect((await project.read(join(logs, 'loud.log'))).split('\n').toSorted()).toEqual(['', 'err', 'out']);
});

test('the logs of the newest fifty runs are kept', async () => {
  const project = await createPipelineProject('stages: { a: { cmd: "true" } }\n');
  for (let at = 10; at < 70; at++) await project.write({ [`.mlops/logs/200001${at}T000000Z-abcdef/a.log`]: 'x' });
  await project.repro();
  const runs = readdirSync(project.path('.mlops/logs'));
  expect(runs).toHaveLength(50);
  expect(runs).not.toContain('20000110T000000Z-abcdef');
  expect(runs).toContain('20000169T000000Z-abcdef');
});

const CHAIN = `
stages:
  a: { cmd: "echo a > x; cat in >> log; test ! -e broken", deps: [in], outs: [x] }
  b: { cmd: "cat x > y; echo b >> log", deps: [x], outs: [y] }
  c: { cmd: "cat y > z; echo c >> log", deps: [y], outs: [z] }
`;

test('--force-downstream runs also what follows, though its inputs are the same, and a dry run says so', async () => {
  const project = await createPipelineProject(CHAIN, { in: '1\n' });
  await project.repro();
  await project.write({ in: '2\n' });
  const planned = await project.repro({ forceDownstream: true, dryRun: true });
  expect(outcomesOf(planned)).toEqual({ a: 'would-run', b: 'would-run', c: 'would-run' });
  const done = await project.repro({ forceDownstream: true });
  expect(outcomesOf(done)).toEqual({ a: 'ran', b: 'ran', c: 'ran' });
  expect(done.stages[1]?.reasons).toEqual([{ type: 'upstream-ran', stage: 'a' }]);
  expect(outcomesOf(await project.repro({ forceDownstream: true }))).toEqual({
    a: 'up-to-date',
    b: 'up-to-date',
    c: 'up-to-date',
  });
  await project.write({ in: '3\n' });
  expect(outcomesOf(await project.repro())).toEqual({ a: 'ran', b: 'up-to-date', c: 'up-to-date' });
});

test('--ignore-errors runs what depends on what failed, on what there is', async () => {
  const project = await createPipelineProject(CHAIN, { in: '1\n' });
  await project.repro();
  await project.write({ in: '2\n', broken: '' });
  const kept = await project.repro({ keepGoing: true, force: true });
  expect(outcomesOf(kept)).toEqual({ a: 'failed', b: 'blocked', c: 'blocked' });
  const ignored = await project.repro({ ignoreErrors: true, force: true });
  expect(outcomesOf(ignored)).toEqual({ a: 'failed', b: 'ran', c: 'ran' });
  expect(ignored.failures).toMatchObject([{ stage: 'a', kind: 'stage-failed' }]);
});
