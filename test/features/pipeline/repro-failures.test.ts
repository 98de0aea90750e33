import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { MlopsError } from '../../../src/core/errors.ts';
import { withLease } from '../../../src/system/lease.ts';
import { createPipelineProject, outcomesOf } from '../../support/pipeline-project.ts';
import { sqliteMissing } from '../../support/sqlite.ts';

const FLAKY = `
stages:
  train:
    cmd: |
      cp in model
      test "$(cat in)" != bad
      cp in log
    deps: [in]
    outs: [model, log]
  report:
    cmd: cp model report
    deps: [model]
    outs: [report]
  other:
    cmd: cp in copy
    deps: [in]
    outs: [copy]
`;

describe('a stage that fails', () => {
  test('leaves the previous outputs in place, records nothing, and keeps what it half wrote', async () => {
    const project = await createPipelineProject(FLAKY, { in: 'good' });
    await project.repro();
    const lockfile = await project.read('.mlops.lock.yaml');
    await project.write({ in: 'bad' });
    const result = await project.repro();
    expect(outcomesOf(result)).toEqual({ train: 'failed', report: 'blocked', other: 'blocked' });
    expect(result.failures).toMatchObject([
      { stage: 'train', kind: 'stage-failed', message: 'Stage "train" exited with 1.' },
    ]);
    expect(result.stages[0]).toMatchObject({ exitCode: 1, reasons: [{ type: 'dependency-changed', path: 'in' }] });
    expect([await project.read('model'), await project.read('log')]).toEqual(['good', 'good']);
    expect(await project.read('.mlops/failed/train/model')).toBe('bad');
    expect(await project.read('.mlops.lock.yaml')).toBe(lockfile);
  });

  test('does not stop what does not depend on it, with --keep-going', async () => {
    const project = await createPipelineProject(FLAKY, { in: 'bad' });
    expect(outcomesOf(await project.repro({ keepGoing: true }))).toEqual({
      train: 'failed',
      report: 'blocked',
      other: 'ran',
    });
  });

  test('stops at its first failing line and its first failing script', async () => {
    const project = await createPipelineProject(`
stages:
  lines: { cmd: "false\\necho 1 > a", outs: [a] }
  list: { cmd: ["cd .. && false", "echo 1 > b"], outs: [b] }
  loop: { cmd: "for i in 1 2; do\\n  echo $i >> c\\ndone\\ncat <<X >> c\\nend\\nX", outs: [c] }
`);
    expect(outcomesOf(await project.repro({ keepGoing: true }))).toEqual({
      lines: 'failed',
      list: 'failed',
      loop: 'ran',
    });
    expect([project.exists('a'), project.exists('b'), await project.read('c')]).toEqual([false, false, '1\n2\nend\n']);
  });

  test('is told with the last lines of its stderr', async () => {
    const project = await createPipelineProject('stages: { s: { cmd: "echo no such column >&2; exit 4" } }');
    const { failures } = await project.repro();
    expect(failures[0]?.message).toBe('Stage "s" exited with 4.\nno such column');
  });

  test('because it did not write an output is told with the path', async () => {
    const project = await createPipelineProject('stages: { s: { cmd: "true", outs: [model, log], deps: [in] } }', {
      in: '',
    });
    const { failures } = await project.repro();
    expect(failures).toMatchObject([
      { kind: 'stage-failed', message: expect.stringContaining('did not write model, log') },
    ]);
  });

  test('because an input changed meanwhile records nothing', async () => {
    const project = await createPipelineProject(
      'stages: { s: { cmd: "cp in out; echo more >> in", deps: [in], outs: [out] } }',
      { in: 'a\n' },
    );
    const result = await project.repro();
    expect(result.stages[0]?.reasons).toContainEqual({ type: 'changed-during-run', path: 'in' });
    expect(result.failures).toMatchObject([{ kind: 'stage-failed' }]);
    expect((await project.open()).readLockfile().stages).toEqual({});
    await project.write({ in: 'a\n' });
    expect(outcomesOf(await project.repro({ dryRun: true }))).toEqual({ s: 'would-run' });
  });

  test('because a param changed meanwhile records nothing either', async () => {
    const project = await createPipelineProject(
      'stages: { s: { cmd: "echo 1 > out; echo lr: 2 > params.yaml", params: [lr], outs: [out] } }',
      { 'params.yaml': 'lr: 1\n' },
    );
    expect((await project.repro()).stages[0]?.reasons).toContainEqual({
      type: 'changed-during-run',
      path: 'params.yaml',
    });
  });
});

describe('a dependency that is not there', () => {
  test('is told with the data to pull or check out, when the lockfile names it', async () => {
    const project = await createPipelineProject(FLAKY, { in: 'good' });
    await project.repro();
    await rm(project.path('model'));
    const { failures } = await project.repro({ targets: ['report'], single: true });
    expect(failures).toMatchObject([{ kind: 'data-missing', hint: 'mlops checkout model' }]);
    expect(outcomesOf(await project.repro({ targets: ['report'], single: true, allowMissing: true }))).toEqual({
      report: 'up-to-date',
    });
  });

  test('is told with the stage that writes it', async () => {
    const project = await createPipelineProject(FLAKY, { in: 'good' });
    const { failures } = await project.repro({ targets: ['report'], single: true });
    expect(failures).toMatchObject([{ kind: 'stage-failed', hint: 'Stage "train" writes it: mlops repro train' }]);
  });

  test('is told with the output that it is nearly called like, when nobody writes it', async () => {
    const project = await createPipelineProject(FLAKY.replace('deps: [model]', 'deps: [modle]'), { in: 'good' });
    const { failures } = await project.repro({ targets: ['report'] });
    expect(failures).toMatchObject([{ kind: 'stage-failed', hint: 'Did you mean model?' }]);
  });

  test('is pulled when asked for', async () => {
    const project = await createPipelineProject(FLAKY, { in: 'good' });
    await project.repro();
    await rm(project.path('model'));
    const asked: string[] = [];
    const pull = async (wanted: ReadonlyMap<string, unknown>) => void asked.push(...wanted.keys());
    expect(outcomesOf(await project.repro({ targets: ['report'], single: true, pull }))).toEqual({
      report: 'up-to-date',
    });
    expect(asked).toEqual(['model']);
  });
});

describe('an interruption', () => {
  const SLOW =
    'stages: { s: { cmd: "echo half > out; echo ready; while :; do sleep 0.01; done", deps: [in], outs: [out] }, t: { cmd: "true" } }';

  test.skipIf(sqliteMissing !== null).each([
    ['interrupted', 'Interrupted.'],
    ['terminated', 'Terminated.'],
  ] as const)('%s: ends the stage, gives its outputs back and is in the history', async (kind, message) => {
    const project = await createPipelineProject(SLOW, { in: '', out: 'before' });
    const controller = new AbortController();
    const result = await project.repro(
      { keepGoing: true },
      {
        signal: controller.signal,
        onEvent: (event) => event.type === 'stage-output' && controller.abort(new MlopsError(kind, message)),
      },
    );
    expect(outcomesOf(result)).toEqual({ s: 'failed', t: 'blocked' });
    expect(result.failures).toMatchObject([{ kind }]);
    expect(await project.read('out')).toBe('before');
    const runs = await (await project.open()).openRuns();
    expect(runs.list()).toMatchObject([{ id: result.run, outcome: 'interrupted' }]);
    runs.close();
  });
});

describe('another mlops at work', () => {
  test('on other stages of the same clone is not noticed', async () => {
    const project = await createPipelineProject(FLAKY, { in: 'good' });
    const results = await Promise.all([project.repro({ targets: ['report'] }), project.repro({ targets: ['other'] })]);
    expect(results.map(outcomesOf)).toEqual([{ train: 'ran', report: 'ran' }, { other: 'ran' }]);
    expect(Object.keys((await project.open()).readLockfile().stages)).toEqual(['other', 'report', 'train']);
    expect((await project.repro()).run).toBeNull();
  });

  test('holds the outputs that it writes, and nothing else', async () => {
    const project = await createPipelineProject(FLAKY, { in: 'good' });
    const { layout } = await project.open();
    const lease = {
      folder: layout.leases,
      name: 'output model',
      what: 'model',
      waitMilliseconds: 0,
      report: () => undefined,
      signal: new AbortController().signal,
    };
    const result = await withLease(lease, () => project.repro({ keepGoing: true }));
    expect(outcomesOf(result)).toEqual({ train: 'failed', report: 'blocked', other: 'ran' });
    expect(result.failures).toMatchObject([{ kind: 'busy' }]);
  });
});

test('a history that cannot be written is a warning, and no failure', async () => {
  const project = await createPipelineProject(FLAKY, { in: 'good' });
  await project.write({ '.mlops/runs.db': 'not a database, but long enough to look like one '.repeat(100) });
  const result = await project.repro();
  expect(result.failures).toEqual([]);
  expect(project.events).toContainEqual(
    expect.objectContaining({ type: 'warning', message: expect.stringContaining('not in the history') }),
  );
});

test('a stage does not run on a folder of which only a part was pulled, but does when someone deleted a file', async () => {
  const project = await createPipelineProject(
    'stages: { s: { cmd: "ls images > list", deps: [images], outs: [list] } }',
    {
      'images/a': 'a',
      'images/b': 'b',
    },
  );
  const { addPaths } = await import('../../../src/features/data/add/add.ts');
  await addPaths(await project.open(), { paths: ['images'], force: true, dryRun: false });
  await rm(project.path('images/b'));
  expect(outcomesOf(await project.repro())).toEqual({ s: 'ran' });
  await rm(project.path('.mlops/index'));
  await rm(project.path('list'));
  expect(outcomesOf(await project.repro({ dryRun: true, force: true }))).toEqual({ s: 'failed' });
  const { failures } = await project.repro({ force: true });
  expect(failures).toMatchObject([
    { kind: 'data-missing', message: expect.stringContaining('images/b was never pulled'), hint: 'mlops pull images' },
  ]);
});
