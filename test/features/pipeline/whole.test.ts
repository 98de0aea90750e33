import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { addPaths } from '../../../src/features/data/add/add.ts';
import { pull, pushObjects } from '../../../src/features/data/transfer/transfer.ts';
import { pullFrom } from '../../../src/features/pipeline/pull.ts';
import { createPipelineProject, outcomesOf } from '../../support/pipeline-project.ts';
import { createFolder } from '../../support/sandbox.ts';

const PLAIN = { remote: null, jobs: null, dryRun: false };

/** A project as in a fresh clone, in which only a part of the folder `d` was pulled. */
async function createPartlyPulled(stage: string, part: string) {
  const remote = await createFolder();
  const files = { 'd/x/1': '1\n', 'd/y/2': '2\n', 'd/z.txt': 'z\n' };
  const project = await createPipelineProject(`remotes: { team: { url: ${remote} } }\nremote: team\n${stage}`, files);
  await addPaths(await project.open(), { paths: ['d'], force: true, dryRun: false });
  await pushObjects(await project.open(), { ...PLAIN, targets: [] });
  await rm(project.path('.mlops'), { recursive: true });
  await rm(project.path('d'), { recursive: true });
  await pull(await project.open(), { ...PLAIN, targets: [part], force: false, allowMissing: false });
  return project;
}

const stageReading = (path: string) =>
  `stages: { s: { cmd: "find d -type f | sort > list", deps: ["${path}"], outs: [list] } }`;

test.each([
  ['a folder', 'd', 'd/x'],
  ['a folder, of which the files beside a folder were pulled', 'd', 'd/z.txt'],
  ['a part of a folder that was pulled in part', 'd/y', 'd/x'],
  ['a pattern', 'd/**', 'd/x'],
  ['a pattern that begins anywhere', '**/[0-9]', 'd/x'],
])('a stage does not run on %s when a part was never pulled', async (_, dependency, part) => {
  const project = await createPartlyPulled(stageReading(dependency), part);
  const dry = await project.repro({ dryRun: true });
  const { stages, failures } = await project.repro();
  expect(stages).toMatchObject([{ outcome: 'failed' }]);
  expect(failures).toMatchObject([{ kind: 'data-missing', hint: 'mlops pull d' }]);
  expect(dry.stages).toMatchObject([{ outcome: expect.not.stringMatching('ran|up-to-date') }]);
  expect(project.exists('list')).toBe(false);
  await pull(await project.open(), { ...PLAIN, targets: ['d'], force: false, allowMissing: false });
  expect(outcomesOf(await project.repro())).toEqual({ s: 'ran' });
});

test.each([
  ['the part that was pulled', 'd/x', 'd/x'],
  ['a pattern that only reaches what was pulled', 'd/x/*', 'd/x'],
  ['a file that was pulled', 'd/z.txt', 'd/z.txt'],
])('a stage runs on %s', async (_, dependency, part) => {
  const project = await createPartlyPulled(stageReading(dependency), part);
  expect(outcomesOf(await project.repro())).toEqual({ s: 'ran' });
});

test.each(['d', 'd/y', 'd/**'])(
  'with --pull a stage runs on %s once the rest of the folder came',
  async (dependency) => {
    const project = await createPartlyPulled(stageReading(dependency), 'd/x');
    const pulling = { pull: pullFrom(await project.open(), null) };
    expect(outcomesOf(await project.repro({ ...pulling, dryRun: true }))).toEqual({ s: 'would-run' });
    expect(outcomesOf(await project.repro(pulling))).toEqual({ s: 'ran' });
    expect(await project.read('list')).toBe('d/x/1\nd/y/2\nd/z.txt\n');
  },
);

test.each([
  ['changed', async (project: Partly) => project.write({ 'd/x/1': 'mine\n' }), 'mine\n2\nz\n'],
  ['deleted', async (project: Partly) => rm(project.path('d/x/1')), '2\nz\n'],
])('what somebody %s in a part that was pulled is not undone by --pull', async (_, edit, all) => {
  const project = await createPartlyPulled(
    'stages: { s: { cmd: "find d -type f | sort | xargs cat > all", deps: [d], outs: [all] } }',
    'd/x',
  );
  await edit(project);
  const pulling = { pull: pullFrom(await project.open(), null) };
  expect(outcomesOf(await project.repro({ ...pulling, dryRun: true }))).toEqual({ s: 'would-run' });
  expect(outcomesOf(await project.repro(pulling))).toEqual({ s: 'ran' });
  expect(await project.read('all')).toBe(all);
});

type Partly = Awaited<ReturnType<typeof createPartlyPulled>>;

test.each(['data', 'data/*.csv'])(
  'a stage does not run on %s when a tracked file in it was never pulled',
  async (dependency) => {
    const remote = await createFolder();
    const project = await createPipelineProject(
      `remotes: { team: { url: ${remote} } }\nremote: team\nstages: { s: { cmd: "cat data/*.csv > all", deps: ["${dependency}"], outs: [all] } }`,
      { 'data/a.csv': 'a\n', 'data/b.csv': 'b\n' },
    );
    await addPaths(await project.open(), { paths: ['data/a.csv', 'data/b.csv'], force: true, dryRun: false });
    await pushObjects(await project.open(), { ...PLAIN, targets: [] });
    await rm(project.path('.mlops'), { recursive: true });
    await rm(project.path('data/b.csv'));
    expect((await project.repro({ dryRun: true })).failures).toMatchObject([{ hint: 'mlops pull data/b.csv' }]);
    expect((await project.repro()).failures).toMatchObject([{ kind: 'data-missing', hint: 'mlops pull data/b.csv' }]);
    expect(outcomesOf(await project.repro({ pull: pullFrom(await project.open(), null) }))).toEqual({ s: 'ran' });
    expect(await project.read('all')).toBe('a\nb\n');
  },
);

test('a stage runs on a folder of which the cache knows nothing, but which is as the lockfile says', async () => {
  const project = await createPartlyPulled(stageReading('d/*'), 'd');
  await rm(project.path('.mlops/cache'), { recursive: true });
  expect(outcomesOf(await project.repro())).toEqual({ s: 'ran' });
});
