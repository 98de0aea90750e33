import { rm } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { listRuns } from '../../../src/features/pipeline/run-history.ts';
import { withLease } from '../../../src/system/lease.ts';
import { createPipelineProject } from '../../support/pipeline-project.ts';

const PIPELINE = 'stages: { s: { cmd: "cp in m.json", deps: [in], metrics: [m.json] } }';

test('a repro in which no stage could begin, as another mlops holds its output or data is missing, is no run', async () => {
  const project = await createPipelineProject(PIPELINE, { in: '{}' });
  const opened = await project.open();
  onTestFinished(async () => (await opened.openRuns()).close());
  const { report, signal, layout } = opened;
  const lease = { folder: layout.leases, name: 'output m.json', what: 'm.json', waitMilliseconds: 0, report, signal };
  const busy = await withLease(lease, () => project.repro());
  expect(busy).toMatchObject({ run: null, failures: [{ kind: 'busy' }] });
  await rm(project.path('in'));
  expect(await project.repro()).toMatchObject({ run: null, failures: [{ kind: 'stage-failed' }] });
  expect((await listRuns(opened, {})).runs).toEqual([]);
});
