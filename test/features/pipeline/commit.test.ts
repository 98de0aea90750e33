import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commitWorkspace, type CommitRequest } from '../../../src/features/pipeline/commit.ts';
import { createPipelineProject } from '../../support/pipeline-project.ts';
import { track } from '../../support/tracking.ts';

const PIPELINE = `stages:
  copy: { cmd: cp raw.csv clean.csv, deps: [raw.csv], params: [copy.seed], outs: [clean.csv] }
  count: { cmd: wc -l clean.csv > count.txt, deps: [clean.csv], outs: [count.txt] }
`;

async function projectThatRan() {
  const project = await createPipelineProject(PIPELINE, { 'raw.csv': 'a\n', 'params.yaml': 'copy: { seed: 1 }\n' });
  await project.repro();
  return project;
}

type Project = Awaited<ReturnType<typeof projectThatRan>>;

const commit = async (project: Project, more: Partial<CommitRequest> = {}) =>
  commitWorkspace(await project.open(), { targets: [], force: false, dryRun: false, ...more });
const records = (project: Project) => {
  const folder = join(project.root, '.mlops/run-cache');
  return existsSync(folder) ? readdirSync(folder, { recursive: true }).toSorted() : [];
};
const states = async (project: Project) =>
  Object.fromEntries((await project.status()).stages.map(({ stage, state }) => [stage, state]));

describe('commit', () => {
  test('accepts an output that was changed by hand, and tells the run cache nothing of it', async () => {
    const project = await projectThatRan();
    const before = records(project);
    await project.write({ 'count.txt': 'by hand\n' });
    const result = await commit(project);
    expect(result.added.map(({ path, size }) => [path, size])).toEqual([['count.txt', 8]]);
    expect(result).toMatchObject({ unchanged: ['clean.csv'], stages: ['count'], refused: [] });
    expect(await states(project)).toEqual({ copy: 'up-to-date', count: 'up-to-date' });
    expect(records(project)).toEqual(before);
  });

  test('puts into the cache what a run without commit left out', async () => {
    const project = await createPipelineProject(PIPELINE, { 'raw.csv': 'a\n', 'params.yaml': 'copy: { seed: 1 }\n' });
    await project.repro({ commit: false });
    const cache = await (await project.open()).cache();
    expect([...cache.list()]).toEqual([]);
    expect(await commit(project)).toMatchObject({ added: [], unchanged: ['clean.csv', 'count.txt'], stages: [] });
    expect([...cache.list()]).toHaveLength(2);
  });

  test('refuses what is more than another output, with every reason, and accepts it when forced', async () => {
    const project = await projectThatRan();
    const lockfile = await project.read('.mlops.lock.yaml');
    await project.write({ 'raw.csv': 'b\n', 'params.yaml': 'copy: { seed: 2 }\n', 'count.txt': 'by hand\n' });
    expect(await commit(project)).toMatchObject({
      added: [],
      stages: [],
      refused: [
        {
          stage: 'copy',
          reasons: [
            { type: 'dependency-changed', path: 'raw.csv' },
            { type: 'param-changed', file: 'params.yaml', name: 'copy.seed' },
          ],
        },
      ],
    });
    expect(await project.read('.mlops.lock.yaml')).toBe(lockfile);
    expect(await commit(project, { targets: ['count'] })).toMatchObject({ stages: ['count'], refused: [] });
    expect(await commit(project, { force: true })).toMatchObject({ stages: ['copy'], refused: [] });
    expect(await states(project)).toEqual({ copy: 'up-to-date', count: 'up-to-date' });
  });

  test('accepts a stage that never ran only when forced, and only when all of it is there', async () => {
    const project = await createPipelineProject(PIPELINE, { 'raw.csv': 'a\n', 'params.yaml': 'copy: { seed: 1 }\n' });
    expect(await commit(project)).toMatchObject({ stages: [], refused: [] });
    await expect(commit(project, { targets: ['copy'], force: true })).rejects.toMatchObject({
      kind: 'data-missing',
      message: 'clean.csv is an output of the stage "copy", and is not there.',
    });
    await project.write({ 'clean.csv': 'a\n' });
    expect((await commit(project)).refused).toEqual([{ stage: 'copy', reasons: [{ type: 'never-run' }] }]);
    expect(await commit(project, { targets: ['copy'], force: true })).toMatchObject({ stages: ['copy'] });
    expect(await project.read('.gitignore')).toBe('/clean.csv\n');
  });

  test('takes tracked data as it is, but not what was deleted', async () => {
    const project = await projectThatRan();
    await project.write({ 'images/1.png': 'one', 'images/2.png': 'two' });
    await track(await project.open(), 'images');
    await project.write({ 'images/1.png': 'other' });
    expect((await commit(project)).added.map(({ path }) => path)).toEqual(['images']);
    rmSync(project.path('images'), { recursive: true });
    await expect(commit(project, { targets: ['images'] })).rejects.toMatchObject({
      kind: 'data-missing',
      message: 'images was deleted, so there is nothing to accept.',
    });
  });

  test('in a dry run names the same and writes nothing', async () => {
    const project = await projectThatRan();
    const lockfile = await project.read('.mlops.lock.yaml');
    await project.write({ 'count.txt': 'by hand\n' });
    const told = await commit(project, { dryRun: true });
    expect(told).toMatchObject({ stages: ['count'], changedFiles: [] });
    expect(await project.read('.mlops.lock.yaml')).toBe(lockfile);
    expect((await commit(project)).added).toEqual(told.added);
  });

  test('a target that names nothing is told', async () => {
    const project = await projectThatRan();
    await expect(commit(project, { targets: ['cout'] })).rejects.toMatchObject({ kind: 'usage' });
  });
});
