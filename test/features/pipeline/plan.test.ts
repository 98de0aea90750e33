import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { createPipelineProject, outcomesOf } from '../../support/pipeline-project.ts';

const CHAIN = `
stages:
  first: { cmd: "tr a-z A-Z < in > a", deps: [in], outs: [a] }
  second: { cmd: "cp a b", deps: [a], outs: [b] }
  third: { cmd: "cat b c > d", deps: [b, c], outs: [d] }
`;
const createChain = () => createPipelineProject(CHAIN, { in: 'one\n', c: 'c\n' });

describe('a dry run', () => {
  test('of a new pipeline: everything would run, and nothing is touched', async () => {
    const project = await createChain();
    const dry = await project.repro({ dryRun: true });
    expect(outcomesOf(dry)).toEqual({ first: 'would-run', second: 'would-run', third: 'would-run' });
    expect(dry.run).toBeNull();
    expect(await project.git('status', '--porcelain', '--untracked-files=all')).toBe('?? .mlops.yaml\n?? c\n?? in');
  });

  test('says "may" only below a stage that would write something not known yet', async () => {
    const project = await createChain();
    await project.repro();
    await project.write({ in: 'two\n' });
    const dry = await project.repro({ dryRun: true });
    expect(outcomesOf(dry)).toEqual({ first: 'would-run', second: 'may-run', third: 'may-run' });
    expect(dry.stages[1]?.reasons).toEqual([{ type: 'upstream-ran', stage: 'first' }]);
  });

  test('is certain of a stage with a reason of its own', async () => {
    const project = await createChain();
    await project.repro();
    await project.write({ in: 'two\n', c: 'changed\n' });
    const dry = await project.repro({ dryRun: true });
    expect(outcomesOf(dry)).toEqual({ first: 'would-run', second: 'may-run', third: 'would-run' });
    expect(dry.stages[2]?.reasons).toEqual([{ type: 'dependency-changed', path: 'c' }]);
  });

  test('knows what a stage that would be restored brings, and so what follows', async () => {
    const project = await createChain();
    await project.repro();
    await project.write({ in: 'two\n' });
    await project.repro();
    await project.write({ in: 'one\n' });
    expect(outcomesOf(await project.repro({ dryRun: true }))).toEqual({
      first: 'would-restore',
      second: 'would-restore',
      third: 'would-restore',
    });
    expect(outcomesOf(await project.repro())).toEqual({ first: 'restored', second: 'restored', third: 'restored' });
    await project.write({ in: 'ONE\n' });
    await project.repro();
    await project.write({ in: 'one\n' });
    const same = { first: 'restored', second: 'up-to-date', third: 'up-to-date' };
    expect(outcomesOf(await project.repro({ dryRun: true }))).toEqual({ ...same, first: 'would-restore' });
    expect(outcomesOf(await project.repro())).toEqual(same);
  });

  test('says "may" where an earlier run could be restored, once it is known what was written', async () => {
    const project = await createChain();
    await project.repro();
    await rm(project.path('.mlops/run-cache'), { recursive: true });
    await project.write({ c: 'changed\n' });
    await project.repro();
    await project.write({ in: 'two\n', d: 'by hand\n' });
    expect(outcomesOf(await project.repro({ dryRun: true }))).toEqual({
      first: 'would-run',
      second: 'may-run',
      third: 'may-run',
    });
  });

  test('names the stage that cannot run, and those that wait for it', async () => {
    const project = await createPipelineProject(CHAIN, { c: '' });
    expect(outcomesOf(await project.repro({ dryRun: true }))).toEqual({
      first: 'failed',
      second: 'blocked',
      third: 'blocked',
    });
  });

  test('with --force: everything would run', async () => {
    const project = await createChain();
    await project.repro();
    expect(outcomesOf(await project.repro({ dryRun: true, force: true }))).toEqual({
      first: 'would-run',
      second: 'would-run',
      third: 'would-run',
    });
  });
});

describe('status', () => {
  test('is clean after a run, and says which stages are stale and which may be', async () => {
    const project = await createChain();
    await project.repro();
    const clean = await project.status();
    expect(clean).toMatchObject({ clean: true, remote: null });
    expect(states(clean.stages)).toEqual({ first: 'up-to-date', second: 'up-to-date', third: 'up-to-date' });
    await project.write({ in: 'two\n' });
    const stale = await project.status();
    expect(stale.clean).toBe(false);
    expect(states(stale.stages)).toEqual({ first: 'stale', second: 'may-be-stale', third: 'may-be-stale' });
    expect(states((await project.status('first')).stages)).toEqual({ first: 'stale' });
  });
});

test('a pattern is one dependency, and an edge to whoever writes what it matches', async () => {
  const project = await createPipelineProject(
    `
stages:
  list: { cmd: "cat parts/*.csv src/*.txt > all", deps: [parts/*.csv, "src/*.txt"], outs: [all] }
  parts: { cmd: "cp in parts/a.csv", deps: [in], outs: [parts/a.csv] }
`,
    { in: '1\n', 'src/x.txt': 'x\n', 'src/y.md': 'y\n' },
  );
  expect(Object.keys(outcomesOf(await project.repro()))).toEqual(['parts', 'list']);
  const { deps } = (await project.open()).readLockfile().stages['list'] ?? {};
  expect(deps?.['src/*.txt']).toMatchObject({ kind: 'tree', files: 1, size: 2 });
  await project.write({ 'src/y.md': 'changed' });
  expect(outcomesOf(await project.repro())).toEqual({ parts: 'up-to-date', list: 'up-to-date' });
  await project.write({ 'src/z.txt': 'z\n' });
  const result = await project.repro();
  expect(result.stages[1]).toMatchObject({
    outcome: 'ran',
    reasons: [{ type: 'dependency-changed', path: 'src/*.txt' }],
  });
});

function states(stages: readonly { stage: string; state: string }[]): Record<string, string> {
  return Object.fromEntries(stages.map(({ stage, state }) => [stage, state]));
}

describe('a dry run of what would fail', () => {
  /** What the real run says of each stage, and why it fails, is what the dry run said. */
  async function foretells(project: Awaited<ReturnType<typeof createPipelineProject>>, request = {}) {
    const dry = await project.repro({ ...request, dryRun: true });
    const real = await project.repro(request);
    expect(outcomesOf(dry)).toEqual(outcomesOf(real));
    expect(dry.failures).toEqual(real.failures);
    expect(dry.run).toBeNull();
    return real;
  }

  test('on a dependency that is not there and that no stage writes', async () => {
    const project = await createPipelineProject(CHAIN, { c: '' });
    const { failures, stages } = await foretells(project);
    expect(failures).toMatchObject([{ stage: 'first', kind: 'stage-failed' }]);
    expect(stages.map(({ outcome }) => outcome)).toEqual(['failed', 'blocked', 'blocked']);
  });

  test('on data that the lockfile names and nobody pulled', async () => {
    const project = await createChain();
    const { addPaths } = await import('../../../src/features/data/add/add.ts');
    await addPaths(await project.open(), { paths: ['in'], force: true, dryRun: false });
    await rm(project.path('in'));
    expect((await foretells(project)).failures).toMatchObject([{ stage: 'first', kind: 'data-missing' }]);
  });

  test('says what is not begun after that, or is with --keep-going', async () => {
    const pipeline = 'stages: { a: { cmd: "cp no a", deps: [no], outs: [a] }, b: { cmd: "echo > b", outs: [b] } }';
    const project = await createPipelineProject(pipeline);
    expect(outcomesOf(await foretells(project))).toEqual({ a: 'failed', b: 'blocked' });
    expect(outcomesOf(await project.repro({ dryRun: true, keepGoing: true }))).toEqual({ a: 'failed', b: 'would-run' });
    expect((await project.status()).stages.map(({ state }) => state)).toEqual(['stale', 'stale']);
  });
});

test('params that a stage writes are known when that one has run', async () => {
  const project = await createPipelineProject(
    `
stages:
  tune: { cmd: 'cp in best.yaml', deps: [in], outs: [best.yaml] }
  train: { cmd: 'echo > model', params: [{ best.yaml: [lr] }], outs: [model] }
`,
    { in: 'lr: 1\n' },
  );
  expect(outcomesOf(await project.repro({ dryRun: true }))).toEqual({ tune: 'would-run', train: 'would-run' });
  expect(outcomesOf(await project.repro())).toEqual({ tune: 'ran', train: 'ran' });
  await project.write({ in: 'lr: 2\n' });
  expect(outcomesOf(await project.repro({ dryRun: true }))).toEqual({ tune: 'would-run', train: 'may-run' });
  await project.write({ 'best.yaml': 'other: 1\n' });
  expect(outcomesOf(await project.repro({ dryRun: true }))).toEqual({ tune: 'would-run', train: 'may-run' });
  expect(outcomesOf(await project.repro())).toEqual({ tune: 'ran', train: 'ran' });
});
