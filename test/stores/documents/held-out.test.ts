import { expect, test } from 'vitest';
import { readPipelineFile } from '../../../src/stores/documents/pipeline-file.ts';

test('an evaluation on rows that training set aside reads the data that its model was trained with', async () => {
  const text = `
stages:
  train: { train: { data: { train: a.csv, test: b.csv }, target: y, out: m } }
  held: { evaluate: { model: m, out: held.json } }
  fresh: { evaluate: { model: m, data: new.csv, out: fresh.json, plots: p } }
`;
  const { pipeline } = await readPipelineFile(text, '.mlops.yaml', async () => undefined);
  const dependenciesOf = (name: string) => pipeline.stages.find((stage) => stage.name === name)?.dependencies;
  expect(dependenciesOf('held')).toEqual(expect.arrayContaining(['a.csv', 'b.csv']));
  expect(dependenciesOf('fresh')).not.toContain('a.csv');
});
