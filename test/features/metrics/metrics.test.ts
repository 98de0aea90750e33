import { rm } from 'node:fs/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { diffMetrics, diffParams } from '../../../src/features/metrics/diff.ts';
import { showMetrics, showParams } from '../../../src/features/metrics/show.ts';
import { openProject } from '../../../src/project/open.ts';
import type { Project } from '../../../src/project/project.ts';
import { createFolder, createSandbox, GIT_ENV, type Sandbox } from '../../support/sandbox.ts';

async function open({ root }: Pick<Sandbox, 'root'>, folder = ''): Promise<Project> {
  const project = await openProject(`${root}/${folder}`, {
    env: { ...GIT_ENV, XDG_CONFIG_HOME: '/nowhere' },
    now: () => new Date(0),
    report: () => undefined,
    signal: new AbortController().signal,
    waitMilliseconds: 0,
  });
  onTestFinished(() => project.git?.close());
  return project;
}

const everything = { revisions: [], all: [], paths: [] };
const changes = { revisions: [], paths: [], all: false };
const pipeline = `
stages:
  evaluate: { cmd: x, params: [lr, { other.toml: [a] }], metrics: [metrics.json], outs: [model] }
metrics: [extra.yaml]
gates: [{ metric: "metrics.json:accuracy", min: 0.9, maxDrop: 0.01 }]
`;

async function iris(): Promise<{ sandbox: Sandbox; first: string }> {
  const sandbox = await createSandbox({
    '.mlops.yaml': pipeline,
    'params.yaml': 'lr: 0.1\nnested: { deep: [1, 2] }\n',
    'other.toml': 'a = 1\n',
    'metrics.json': '{"accuracy": 0.95, "loss": 1}',
    'extra.yaml': 'seconds: 10\n',
  });
  const first = await sandbox.commit('first');
  await sandbox.write({
    'metrics.json': '{"accuracy": 0.93, "loss": 1, "f1": 0.5}',
    'params.yaml': 'lr: 0.2\nnested: { deep: [1, 2] }\n',
  });
  return { sandbox, first };
}

describe('shown values', () => {
  test('are those of the workspace, or of revisions', async () => {
    const { sandbox, first } = await iris();
    const project = await open(sandbox);
    const extra = { file: 'extra.yaml', values: { seconds: 10 } };
    expect(await showMetrics(project, everything)).toEqual({
      revisions: [
        {
          revision: 'workspace',
          commit: null,
          files: [{ file: 'metrics.json', values: { accuracy: 0.93, loss: 1, f1: 0.5 } }, extra],
          errors: [],
        },
      ],
    });
    expect(await showMetrics(project, { ...everything, revisions: ['HEAD'] })).toEqual({
      revisions: [
        {
          revision: 'HEAD',
          commit: first,
          files: [{ file: 'metrics.json', values: { accuracy: 0.95, loss: 1 } }, extra],
          errors: [],
        },
      ],
    });
    expect((await showParams(project, everything)).revisions[0]?.files).toEqual([
      { file: 'params.yaml', values: { lr: 0.2, 'nested.deep.0': 1, 'nested.deep.1': 2 } },
      { file: 'other.toml', values: { a: 1 } },
    ]);
  });

  test('can be limited to files, as seen from the current folder', async () => {
    const { sandbox } = await iris();
    await sandbox.write({ 'sub/own.json': '{"x": 1}' });
    const project = await open(sandbox, 'sub');
    const { revisions } = await showMetrics(project, { ...everything, paths: ['own.json', '../extra.yaml'] });
    expect(revisions[0]?.files.map(({ file }) => file)).toEqual(['sub/own.json', 'extra.yaml']);
    await expect(showMetrics(project, { ...everything, paths: ['../../x'] })).rejects.toMatchObject({ kind: 'usage' });
  });

  test('of all commits, branches and tags have a row each', async () => {
    const { sandbox } = await iris();
    await sandbox.git('tag', 'v1');
    await sandbox.git('branch', 'side');
    await sandbox.commit('second');
    const project = await open(sandbox);
    const names = async (all: ('branches' | 'tags' | 'commits')[]) =>
      (await showMetrics(project, { ...everything, all })).revisions.map(({ revision }) => revision);
    expect((await names(['branches'])).toSorted()).toEqual(['main', 'side']);
    expect(await names(['tags'])).toEqual(['v1']);
    expect(await names(['commits'])).toHaveLength(2);
  });

  test('that are broken never hide the others', async () => {
    const { sandbox } = await iris();
    await sandbox.write({ 'metrics.json': '{"accuracy": }' });
    await sandbox.git('rm', '--quiet', '--force', 'extra.yaml');
    await sandbox.write({
      '.mlops.yaml': pipeline.replace('metrics: [metrics.json]', 'metrics: [metrics.json], metrcs: x'),
    });
    const { revisions } = await showMetrics(await open(sandbox), { ...everything, revisions: ['workspace', 'HEAD'] });
    expect(revisions[0]?.files).toEqual([]);
    expect(revisions[0]?.errors).toEqual([
      { file: '.mlops.yaml', message: expect.stringContaining('"metrcs"') },
      { file: 'metrics.json', message: expect.stringContaining('1:') },
    ]);
    expect(revisions[1]?.files).toHaveLength(2);
  });
});

describe('what moved', () => {
  test('between HEAD and the workspace is told with the difference, and held to the gates', async () => {
    const { sandbox } = await iris();
    expect(await diffMetrics(await open(sandbox), changes)).toEqual({
      from: 'HEAD',
      to: 'workspace',
      changes: [
        { file: 'metrics.json', name: 'accuracy', before: 0.95, after: 0.93, delta: expect.closeTo(-0.02) },
        { file: 'metrics.json', name: 'f1', before: null, after: 0.5, delta: null },
      ],
      gates: [
        { metric: 'metrics.json:accuracy', ok: true, message: 'is 0.93, and has to be at least 0.9' },
        { metric: 'metrics.json:accuracy', ok: false, message: 'went from 0.95 to 0.93, and may fall by 0.01 at most' },
      ],
      errors: [],
    });
    expect(await diffParams(await open(sandbox), changes)).toEqual({
      from: 'HEAD',
      to: 'workspace',
      changes: [{ file: 'params.yaml', name: 'lr', before: 0.1, after: 0.2, delta: 0.1 }],
      gates: [],
      errors: [],
    });
  });

  test('between two commits, named one by one or as a range, in either direction', async () => {
    const { sandbox } = await iris();
    await sandbox.commit('second');
    const project = await open(sandbox);
    const deltas = async (...revisions: string[]) => {
      const { from, to, changes: moved } = await diffMetrics(project, { ...changes, revisions });
      return [from, to, moved.map(({ after }) => after)];
    };
    expect(await deltas('HEAD~1', 'HEAD')).toEqual(['HEAD~1', 'HEAD', [0.93, 0.5]]);
    expect(await deltas('HEAD~1..HEAD')).toEqual(['HEAD~1', 'HEAD', [0.93, 0.5]]);
    expect(await deltas('HEAD~1..')).toEqual(['HEAD~1', 'HEAD', [0.93, 0.5]]);
    expect(await deltas('HEAD', 'HEAD~1')).toEqual(['HEAD', 'HEAD~1', [0.95, null]]);
    expect(await deltas('HEAD~1')).toEqual(['HEAD~1', 'workspace', [0.93, 0.5]]);
    expect(await deltas()).toEqual(['HEAD', 'workspace', []]);
  });

  test('from a file that was not written yet is no mistake; one that is asked for by name and is nowhere is', async () => {
    const { sandbox } = await iris();
    await sandbox.git('rm', '--quiet', '--cached', 'metrics.json', 'extra.yaml');
    await sandbox.git('commit', '--quiet', '--message', 'without metrics');
    await rm(sandbox.path('extra.yaml'));
    const project = await open(sandbox);
    const { changes: moved, errors } = await diffMetrics(project, changes);
    expect(moved.map(({ before }) => before)).toEqual([null, null, null]);
    expect(errors).toEqual([]);
    const named = await diffMetrics(project, { ...changes, paths: ['extra.yaml', 'metrics.json'] });
    expect(named.errors).toEqual([
      { file: 'extra.yaml', revision: 'HEAD', message: 'This file is not there at HEAD.' },
      { file: 'extra.yaml', revision: 'workspace', message: 'This file is not there in the workspace.' },
    ]);
    const both = { ...everything, revisions: ['HEAD', 'workspace'], paths: ['metrics.json', 'extra.yaml'] };
    const { revisions } = await showMetrics(project, both);
    expect(revisions.flatMap((each) => each.errors.map(({ file }) => file))).toEqual(['extra.yaml', 'extra.yaml']);
  });

  test('may be all, the same included', async () => {
    const { sandbox } = await iris();
    const all = await diffMetrics(await open(sandbox), { ...changes, all: true });
    expect(all.changes.map(({ name }) => name)).toEqual(['seconds', 'accuracy', 'loss', 'f1']);
  });

  test('a change of type alone is a change', async () => {
    const sandbox = await createSandbox({ '.mlops.yaml': '', 'params.yaml': 'a: 1\nb: 12345678901234567890\n' });
    await sandbox.commit('first');
    await sandbox.write({ 'params.yaml': 'a: "1"\nb: 12345678901234567891\n' });
    expect((await diffParams(await open(sandbox), changes)).changes).toEqual([
      { file: 'params.yaml', name: 'a', before: 1, after: '1', delta: null },
      { file: 'params.yaml', name: 'b', before: '12345678901234567890', after: '12345678901234567891', delta: 1 },
    ]);
  });

  test('needs history', async () => {
    const root = await createFolder();
    const sandbox = await createSandbox({ '.mlops.yaml': '' });
    await expect(diffMetrics(await open(sandbox), changes)).rejects.toMatchObject({ kind: 'usage' });
    const { initProject } = await import('../../../src/project/init.ts');
    await initProject({ cwd: root, git: false, subdir: false, force: false, env: GIT_ENV });
    await expect(diffMetrics(await open({ root }), changes)).rejects.toMatchObject({ kind: 'no-git' });
  });
});

test('metrics that are kept out of Git are found in the cache by the lockfile of their commit', async () => {
  const sandbox = await createSandbox({
    '.mlops.yaml': 'stages: { e: { cmd: x, metrics: [{ m.json: { cache: true } }] } }\nmetrics: [eval/deep/n.json]\n',
    '.gitignore': '/m.json\n/eval\n',
  });
  const project = await open(sandbox);
  const cache = await project.cache();
  const { putTree } = await import('../../../src/stores/cache/trees.ts');
  const entry = (name: string, text: string) =>
    ({ name, kind: 'file', size: text.length, files: 1, digest: cache.putBytes(Buffer.from(text)) }) as const;
  const deep = putTree(cache, [entry('n.json', '{"n": 2}')]);
  const tree = putTree(cache, [{ name: 'deep', kind: 'tree', ...deep }]);
  const metrics = entry('m.json', '{"m": 1}');
  await project.updateLockfile(() => ({
    data: { eval: { kind: 'tree', ...tree } },
    stages: {
      e: {
        cmd: ['x'],
        shell: null,
        wdir: '.',
        deps: {},
        params: {},
        env: {},
        settings: null,
        outputs: {
          'm.json': {
            kind: 'file',
            digest: metrics.digest,
            size: 8,
            executable: false,
            role: 'metrics',
            cache: true,
            persist: false,
          },
        },
      },
    },
  }));
  await sandbox.commit('first');
  const { revisions } = await showMetrics(project, { ...everything, revisions: ['HEAD'] });
  expect(revisions[0]?.errors).toEqual([]);
  expect(revisions[0]?.files).toEqual([
    { file: 'm.json', values: { m: 1 } },
    { file: 'eval/deep/n.json', values: { n: 2 } },
  ]);
});
