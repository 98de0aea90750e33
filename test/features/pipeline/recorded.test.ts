import { rm } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { listRuns } from '../../../src/features/runs/list.ts';
import { withLease } from '../../../src/system/lease.ts';
import { createPipelineProject } from '../../support/pipeline-project.ts';
import { sqliteMissing } from '../../support/sqlite.ts';

const PIPELINE = 'stages: { s: { cmd: "cp in m.json", deps: [in], metrics: [m.json] } }';

test.skipIf(sqliteMissing !== null)(
  'a repro in which no stage could begin, as another mlops holds its output or data is missing, is no run',
  async () => {
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
  },
);

test.skipIf(sqliteMissing !== null)(
  'params that a stage takes through ${} are in the history, each under its own name',
  async () => {
    const pipeline = `
vars: [{ share: 0.25 }]
stages:
  all: { cmd: "true", params: [{ whole.yaml: null }, { other.yaml: [deep] }] }
  each: { matrix: { width: [2] }, cmd: "echo \${item.width} \${share} > w", outs: [w] }
  fit:
    train:
      data: { train: data.csv }
      target: y
      model: { type: mlp, hidden: [2] }
      fit: "\${fit}"
      seed: \${seed}
      out: model
`;
    const project = await createPipelineProject(pipeline, {
      'whole.yaml': 'a: { b: 1 }\nc: [x]\n',
      'other.yaml': 'deep: { d: 2 }\n',
      'data.csv': Array.from({ length: 40 }, (_, at) => `${at},${at % 2 === 0 ? 'even' : 'odd'}`)
        .join('\n')
        .replace(/^/, 'x,y\n'),
      'params.yaml': 'fit: { epochs: 1, batch_size: 8 }\nseed: 3\nunused: 1\n',
    });
    expect((await project.repro()).failures).toEqual([]);
    const opened = await project.open();
    onTestFinished(async () => (await opened.openRuns()).close());
    const [run] = (await listRuns(opened, {})).runs;
    expect(run?.params).toEqual({
      '.mlops.yaml:share': 0.25,
      'other.yaml:deep.d': 2,
      'params.yaml:fit.batch_size': 8,
      'params.yaml:fit.epochs': 1,
      'params.yaml:seed': 3,
      'whole.yaml:a.b': 1,
      'whole.yaml:c.0': 'x',
    });
  },
);
