import { mkdir, symlink } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { LockedFile } from '../../../src/core/lockfile.ts';
import { checkPaths } from '../../../src/features/pipeline/definition/laws.ts';
import { createPipelineProject } from '../../support/pipeline-project.ts';
import { step } from '../../support/pipelines.ts';

const file: LockedFile = { kind: 'file', digest: `blake3:${'a'.repeat(64)}`, size: 1, executable: false };
const data = { 'data/raw.csv': file, images: file };

test.each([
  ['is', 'data/raw.csv', 'data/raw.csv'],
  ['contains', 'data', 'data/raw.csv'],
  ['lies in', 'images/small', 'images'],
  ['is, where case is ignored,', 'Images', 'images'],
])('an output that %s tracked data is refused', (_, output, tracked) => {
  const refused = () => checkPaths([step('s', [], [output])], { data, stages: {} });
  expect(refused).toThrow(
    expect.objectContaining({
      kind: 'invalid-file',
      problems: [expect.objectContaining({ line: 1, message: expect.stringContaining(`tracks ${tracked} as data`) })],
    }),
  );
});

test('outputs beside tracked data are fine', () => {
  checkPaths([step('s', ['data/raw.csv'], ['data/clean.csv', 'images2'])], { data, stages: {} });
});

describe('is refused by whatever reads the pipeline, at the place of the output,', () => {
  const PIPELINE = `stages:
  s:
    cmd: echo 1 > out/x
    outs:
      - out/x
`;

  test.each(['status', 'a dry run', 'a run with nothing to do'])('in %s: an output that Git tracks', async (who) => {
    const project = await createPipelineProject(PIPELINE);
    await mkdir(project.path('out'));
    if (who === 'a run with nothing to do') await project.repro();
    await project.write({ 'out/x': '1\n' });
    await project.git('add', '--force', 'out/x');
    const look = who === 'status' ? project.status() : project.repro({ dryRun: who === 'a dry run' });
    await expect(look).rejects.toMatchObject({
      kind: 'invalid-file',
      problems: [{ file: '.mlops.yaml', line: 5, column: 9, message: expect.stringContaining('tracked by Git') }],
    });
  });

  test('in status: an output behind a symbolic link', async () => {
    const project = await createPipelineProject(PIPELINE);
    await mkdir(project.path('elsewhere'));
    await symlink('elsewhere', project.path('out'));
    await expect(project.status()).rejects.toMatchObject({ problems: [{ line: 5, column: 9 }] });
  });
});

test('an output that a symbolic link leads elsewhere is refused before anything runs', async () => {
  const project = await createPipelineProject('stages: { s: { cmd: "echo 1 > out/x", outs: [out/x] } }');
  await mkdir(project.path('elsewhere'));
  await symlink('elsewhere', project.path('out'));
  await expect(project.repro()).rejects.toMatchObject({
    kind: 'invalid-file',
    problems: [{ message: expect.stringContaining('symbolic link out') }],
  });
  expect(project.exists('elsewhere/x')).toBe(false);
});

test('an output whose folder is a file is refused before anything runs', async () => {
  const pipeline = 'stages: { s: { cmd: "true", outs: [first, models/churn] } }';
  const project = await createPipelineProject(pipeline, { models: 'a file', first: 'before' });
  await expect(project.repro()).rejects.toMatchObject({
    kind: 'invalid-file',
    problems: [{ message: '"models/churn", an output of the stage "s", cannot be written, as models is a file.' }],
  });
  expect([await project.read('models'), await project.read('first')]).toEqual(['a file', 'before']);
});

test('a folder in which Git tracks a file is refused as an output for the cache', async () => {
  const project = await createPipelineProject('stages: { s: { cmd: "true", outs: [models] } }', { 'models/a': '' });
  await project.commit('too much');
  await expect(project.repro()).rejects.toMatchObject({
    problems: [{ message: expect.stringContaining('tracked by Git') }],
  });
});
