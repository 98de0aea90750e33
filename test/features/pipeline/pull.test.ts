import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pushObjects } from '../../../src/features/data/transfer/transfer.ts';
import { pullFrom } from '../../../src/features/pipeline/pull.ts';
import { reproduce } from '../../../src/features/pipeline/repro.ts';
import { openProject } from '../../../src/project/open.ts';
import { createPipelineProject, outcomesOf } from '../../support/pipeline-project.ts';
import { createFolder, GIT_ENV } from '../../support/sandbox.ts';

test('in a clone without data, a stage runs on what a remote has, and results come from there', async () => {
  const remote = await createFolder();
  const project = await createPipelineProject(
    `
remotes: { team: { url: ${remote} } }
stages:
  make: { cmd: "mkdir parts && cp in parts/a && cp in parts/b", deps: [in], outs: [parts] }
  join: { cmd: "cat parts/* > all", deps: [parts], params: [p], outs: [all] }
`,
    { in: '1\n', 'params.yaml': 'p: 1\n' },
  );
  await project.repro();
  await project.commit('run');
  await pushObjects(await project.open(), { targets: [], remote: null, jobs: null, dryRun: false });

  const clone = join(await createFolder(), 'clone');
  execFileSync('git', ['clone', '--quiet', project.root, clone], { env: GIT_ENV });
  const opened = await openProject(clone, await project.open());
  const missing = await reproduce(opened, { targets: ['join'], single: true });
  expect(missing.failures).toMatchObject([{ kind: 'data-missing', hint: 'mlops pull parts' }]);

  expect(() => pullFrom(opened, 'tem')).toThrow(expect.objectContaining({ kind: 'usage' }));
  const setParams = [{ name: 'p', value: '2' }];
  const assumed = await reproduce(opened, { allowMissing: true, setParams, dryRun: true });
  expect(assumed.failures).toMatchObject([{ kind: 'data-missing', hint: 'mlops pull parts' }]);

  const pull = pullFrom(opened, null);
  expect(outcomesOf(await reproduce(opened, { pull, dryRun: true }))).toEqual({
    make: 'would-restore',
    join: 'would-restore',
  });
  expect(outcomesOf(await reproduce(opened, { pull }))).toEqual({ make: 'restored', join: 'restored' });
  expect(outcomesOf(await reproduce(opened, { pull, setParams }))).toEqual({ make: 'up-to-date', join: 'ran' });
});
