import { expect, test } from 'vitest';
import { createCliProject } from '../../support/cli-project.ts';

const ROOT = `include: [models/churn/.mlops.yaml]
stages:
  raw: { cmd: echo 1 > raw.csv, outs: [raw.csv] }
  train: { cmd: echo root > m.txt, outs: [m.txt] }
`;
const CHURN = `stages:
  train:
    cmd: cat ../../raw.csv in.txt > out.csv; echo "{\\"a\\":\${lr}}" > metrics.json
    deps: [../../raw.csv, in.txt]
    params: [lr]
    outs: [out.csv]
    metrics: [metrics.json]
  score: { foreach: [a, b], do: { cmd: "echo \${item} > s-\${item}", deps: [out.csv], outs: ["s-\${item}"] } }
gates: [{ metric: "metrics.json:a", min: 0 }]
`;
const FILES = {
  '.mlops.yaml': ROOT,
  'models/churn/.mlops.yaml': CHURN,
  'models/churn/in.txt': 'in\n',
  'models/churn/params.yaml': 'lr: 0.5\n',
};

interface Repro {
  readonly stages: readonly { stage: string; outcome: string; reasons: { type: string }[] }[];
}

test('a monorepo runs as one pipeline, from anywhere in it, with one lockfile', async () => {
  const { mlops, read, root, write } = await createCliProject(FILES);
  const outcomes = async (...argv: string[]) =>
    (await mlops(...argv, '--json')).json<Repro>().stages.map(({ stage, outcome }) => `${stage} ${outcome}`);
  expect(await outcomes('repro')).toEqual([
    'raw ran',
    'train ran',
    'models/churn:train ran',
    'models/churn:score@a ran',
    'models/churn:score@b ran',
  ]);
  expect(await read('models/churn/out.csv')).toBe('1\nin\n');
  expect(await read('.mlops.lock.yaml')).toContain('\n  "models/churn:train":\n');
  expect(await read('models/churn/.gitignore')).toContain('/out.csv');
  expect(await outcomes('repro', '-s', 'models/churn:*')).toHaveLength(3);
  expect(await outcomes('repro', '-s', 'models/churn:score')).toHaveLength(2);

  // In its folder, a stage needs no folder in front, and the project is the one around.
  expect((await mlops('-C', 'models/churn', 'root')).out.trim()).toBe(root);
  expect(await outcomes('-C', 'models/churn', 'repro', '-s', 'train')).toEqual(['models/churn:train up-to-date']);
  expect(await outcomes('repro', '-s', 'train')).toEqual(['train up-to-date']);
  expect(await outcomes('-C', 'models/churn', 'repro', '-s', 'raw')).toEqual(['raw up-to-date']);

  await write({ 'models/churn/params.yaml': 'lr: 0.25\n' });
  const changed = (await mlops('repro', '--json')).json<Repro>().stages.find(({ stage }) => stage.endsWith(':train'));
  expect(changed?.outcome).toBe('ran');
  expect((await mlops('repro', '-S', 'models/churn/params.yaml:lr=0.75')).exitCode).toBe(0);
  expect(JSON.parse(await read('models/churn/metrics.json'))).toEqual({ a: 0.75 });
  expect((await mlops('checkout', 'models/churn:train')).exitCode).toBe(0);
});

test('metrics, params and gates of included files are read at revisions as they were then', async () => {
  const { mlops, commit, write } = await createCliProject(FILES);
  await mlops('repro');
  await commit('first');
  await write({ 'models/churn/params.yaml': 'lr: 0.25\n' });
  await mlops('repro');
  const metrics = (await mlops('metrics', 'diff', '--json')).json<{ changes: unknown[]; gates: unknown[] }>();
  expect(metrics.changes).toEqual([
    { file: 'models/churn/metrics.json', name: 'a', before: 0.5, after: 0.25, delta: -0.25 },
  ]);
  expect(metrics.gates).toMatchObject([{ metric: 'models/churn/metrics.json:a', ok: true }]);
  const params = (await mlops('params', 'diff', '--json')).json<{ changes: unknown[] }>();
  expect(params.changes).toEqual([
    { file: 'models/churn/params.yaml', name: 'lr', before: 0.5, after: 0.25, delta: -0.25 },
  ]);
  // The file that is included is gone from the workspace, not from history.
  await write({ '.mlops.yaml': 'stages: {}\n' });
  const shown = (await mlops('metrics', 'show', 'HEAD', '--json')).json<{ revisions: { files: unknown[] }[] }>();
  expect(shown.revisions[0]?.files).toEqual([{ file: 'models/churn/metrics.json', values: { a: 0.5 } }]);
});

test('a cycle through two files is told with its path, a folder of its own lockfile is a project of its own', async () => {
  const { mlops, write, root } = await createCliProject({
    '.mlops.yaml': 'include: [a/.mlops.yaml]\nstages: { x: { cmd: x, deps: [a/y.out], outs: [x.out] } }',
    'a/.mlops.yaml': 'stages: { y: { cmd: y, deps: [../x.out], outs: [y.out] } }',
  });
  const { err, exitCode } = await mlops('status');
  expect(err).toContain('.mlops.yaml:2:11: these stages wait for each other: x → a:y → x');
  expect(exitCode).toBe(2);
  await write({ 'a/.mlops.lock.yaml': 'version: 1\n' });
  expect((await mlops('-C', 'a', 'root')).out.trim()).toBe(`${root}/a`);
});
