import { describe, expect, test } from 'vitest';
import { createPipelineProject } from '../../support/pipeline-project.ts';

const PIPELINE = `stages:
  a: { cmd: "true", params: [train.lr, { other.yaml: [x, y] }] }
  b: { cmd: "true", params: [seed] }
  c: { cmd: "true", params: [{ gone.yaml: null }], frozen: true }
`;

const placesIn = async (asked: Promise<unknown>) => {
  const error: unknown = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ kind: 'invalid-file' });
  const { problems } = error as { problems: { line: number; column: number; message: string }[] };
  return problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
};

describe('params that are not there are refused at the place where a stage asks for them, all at once,', () => {
  const expected = [
    '2:30 There is no param "train.lr" in params.yaml; did you mean "train.rl"?',
    '2:58 There is no param "y" in other.yaml; did you mean "x"?',
    '3:30 There is no param "seed" in params.yaml.',
  ];
  const create = () => createPipelineProject(PIPELINE, { 'params.yaml': 'train: { rl: 1 }\n', 'other.yaml': 'x: 1\n' });

  test('by status', async () => expect(await placesIn((await create()).status())).toEqual(expected));
  test('by repro', async () => expect(await placesIn((await create()).repro())).toEqual(expected));
  test('by a dry run', async () => {
    expect(await placesIn((await create()).repro({ dryRun: true }))).toEqual(expected);
  });
  test('by a run of one stage, its own', async () => {
    expect(await placesIn((await create()).repro({ targets: ['b'] }))).toEqual(expected.slice(2));
  });
});

test.each([false, true])('a params file that is not there is refused as well (dry run: %s)', async (dryRun) => {
  const project = await createPipelineProject(PIPELINE, { 'other.yaml': 'x: 1\ny: 2\n' });
  const expected = [
    '2:30 The stage "a" reads params of params.yaml, which is not there.',
    '3:30 The stage "b" reads params of params.yaml, which is not there.',
  ];
  expect(await placesIn(project.repro({ dryRun }))).toEqual(expected);
  expect(await placesIn(project.status())).toEqual(expected);
});
