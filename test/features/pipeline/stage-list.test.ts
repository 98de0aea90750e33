import { expect, test } from 'vitest';
import { listStages, pipelineGraph } from '../../../src/features/pipeline/definition/stage-list.ts';
import { createPipelineProject } from '../../support/pipeline-project.ts';

const PIPELINE = `
stages:
  train: { train: { data: { train: clean.csv }, target: y, out: model }, frozen: true }
  prepare: { cmd: [one, two], deps: [raw.csv], outs: [clean.csv], desc: drops rows }
  other: { cmd: make other }
`;

test('stages are listed in the order of the file, with what they do, read and write', async () => {
  const project = await (await createPipelineProject(PIPELINE)).open();
  const { stages } = await listStages(project);
  expect(stages.map(({ stage, cmd, frozen }) => [stage, cmd, frozen])).toEqual([
    ['train', 'train', true],
    ['prepare', ['one', 'two'], false],
    ['other', 'make other', false],
  ]);
  expect(stages[1]).toMatchObject({ deps: ['raw.csv'], outs: ['clean.csv'], desc: 'drops rows' });
  expect((await listStages(project, ['clean.csv'])).stages.map(({ stage }) => stage)).toEqual(['prepare']);
});

test('the graph of a target holds what it needs', async () => {
  const project = await (await createPipelineProject(PIPELINE)).open();
  const { nodes, edges, draw } = await pipelineGraph(project, { targets: ['train'], outs: false });
  expect({ nodes, edges }).toEqual({ nodes: ['prepare', 'train'], edges: [{ from: 'prepare', to: 'train' }] });
  expect(draw('text')).toBe('prepare\n└─▶ train\n');
});
