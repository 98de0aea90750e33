import { expect, onTestFinished, test } from 'vitest';
import { listRuns, showRun } from '../../../src/features/runs/list.ts';
import { createPipelineProject } from '../../support/pipeline-project.ts';
import { sqliteMissing } from '../../support/sqlite.ts';

const PIPELINE = `stages: { s: { cmd: 'echo "{ \\"v\\": $(cat in) }" > m.json', deps: [in], params: [lr], metrics: [m.json] } }`;

test.skipIf(sqliteMissing !== null)(
  'each repro that did something is in the history, with params, metrics and the commit it began from',
  async () => {
    const project = await createPipelineProject(PIPELINE, { in: '1', 'params.yaml': 'lr: 0.5\n' });
    const commit = await project.commit('first');
    const first = await project.repro({}, { now: new Date('2030-01-01T00:00:00Z') });
    await project.repro({}, { now: new Date('2030-01-02T00:00:00Z') });
    await project.write({ in: 'x' });
    const second = await project.repro({}, { now: new Date('2030-01-03T00:00:00Z') });

    const opened = await project.open();
    onTestFinished(async () => (await opened.openRuns()).close());
    const { runs } = await listRuns(opened, {});
    expect(runs.map(({ id }) => id)).toEqual([second.run, first.run]);
    expect(runs[1]).toMatchObject({
      id: expect.stringMatching(/^20300101T000000Z-[0-9a-f]{7}$/),
      startedAt: '2030-01-01T00:00:00.000Z',
      commit,
      dirty: false,
      outcome: 'succeeded',
      stages: [{ stage: 's', outcome: 'ran', exitCode: 0 }],
      params: { 'params.yaml:lr': 0.5 },
      metrics: { 'm.json:v': 1 },
    });
    expect(runs[0]).toMatchObject({ dirty: true, outcome: 'succeeded' });
    expect((await showRun(opened, '20300101')).id).toBe(first.run);
    expect((await showRun(opened, null)).id).toBe(second.run);
    await expect(showRun(opened, '1999')).rejects.toMatchObject({ kind: 'usage', hint: 'mlops runs list' });
  },
);

test.skipIf(sqliteMissing !== null)('a clone in which nothing ran says how to begin', async () => {
  const opened = await (await createPipelineProject(PIPELINE)).open();
  onTestFinished(async () => (await opened.openRuns()).close());
  await expect(showRun(opened, null)).rejects.toMatchObject({ kind: 'usage', hint: 'mlops repro' });
});
