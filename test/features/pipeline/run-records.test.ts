import { execFileSync } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pull, pushObjects } from '../../../src/features/data/transfer/transfer.ts';
import { reproduce } from '../../../src/features/pipeline/repro.ts';
import { openProject } from '../../../src/project/open.ts';
import { createPipelineProject, outcomesOf } from '../../support/pipeline-project.ts';
import { createFolder, GIT_ENV } from '../../support/sandbox.ts';

const PLAIN = { targets: [], remote: null, jobs: null, dryRun: false, runCache: true };
const PULL = { ...PLAIN, force: false, allowMissing: false };

/** A project that ran with two params, of which the lockfile names the second, and a clone of it. */
async function createTwoRuns() {
  const remote = await createFolder();
  const project = await createPipelineProject(
    `
remotes: { team: { url: ${remote} } }
stages:
  s: { cmd: "mkdir d && cp params.yaml d/a && cp params.yaml m.json", params: [p], outs: [d], metrics: [m.json] }
`,
    { 'params.yaml': 'p: 1\n' },
  );
  await project.repro();
  await project.write({ 'params.yaml': 'p: 2\n' });
  await project.repro();
  await project.commit('run');
  const clone = join(await createFolder(), 'clone');
  execFileSync('git', ['clone', '--quiet', project.root, clone], { env: GIT_ENV });
  const reproIn = async (p: number) => {
    await writeFile(join(clone, 'params.yaml'), `p: ${p}\n`);
    return outcomesOf(await reproduce(await open(), {}));
  };
  const open = async () => openProject(clone, await project.open());
  return { project, clone, open, reproIn, runs: join(remote, 'v1/runs') };
}

test('what was run in one clone is restored in another one, with push and pull --run-cache', async () => {
  const { project, open, reproIn, clone, runs } = await createTwoRuns();
  await pushObjects(await project.open(), PLAIN);
  expect(await readdir(runs)).toHaveLength(1);
  const again = await pushObjects(await project.open(), PLAIN);
  expect(again.objects).toBe(0);
  expect(await readdir(runs)).toHaveLength(1);

  await pull(await open(), PULL);
  expect(await reproIn(1)).toEqual({ s: 'restored' });
  expect(await readFile(join(clone, 'd/a'), 'utf8')).toBe('p: 1\n');
  expect(await readFile(join(clone, 'm.json'), 'utf8')).toBe('p: 1\n');
});

test('without --run-cache no run goes anywhere, and a dry run sends none', async () => {
  const { project, open, reproIn } = await createTwoRuns();
  await pushObjects(await project.open(), { ...PLAIN, runCache: false });
  expect((await pushObjects(await project.open(), { ...PLAIN, dryRun: true })).objects).toBeGreaterThan(0);
  await pull(await open(), PULL);
  expect(await reproIn(1)).toEqual({ s: 'ran' });
});

test('a damaged file of records, and a run whose outputs are gone from the remote, restore nothing and stop nothing', async () => {
  const { project, open, reproIn, runs } = await createTwoRuns();
  await pushObjects(await project.open(), PLAIN);
  const [name = ''] = await readdir(runs);
  const whole = await readFile(join(runs, name), 'utf8');
  await writeFile(join(runs, name), whole.replaceAll('p: 1', 'p: 3'));
  await writeFile(join(runs, 'notes.txt'), 'mine');
  expect((await pull(await open(), PULL)).failed).toEqual([]);
  expect(await reproIn(3)).toEqual({ s: 'ran' });

  await writeFile(join(runs, name), whole);
  await rm(join(runs, '../objects'), { recursive: true });
  await rm(join(runs, '../packs'), { recursive: true, force: true });
  expect((await pull(await open(), PULL)).failed.filter(({ path }) => path.startsWith('run '))).toEqual([]);
});
