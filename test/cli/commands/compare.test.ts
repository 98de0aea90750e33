import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { runMlops } from '../../support/run-mlops.ts';
import { createSandbox } from '../../support/sandbox.ts';
import { shapeOf } from './shapes.ts';

/** A project with one commit, after which a metric and a param moved. */
async function createProject(gates = '') {
  const sandbox = await createSandbox({
    '.mlops.yaml': `metrics: [metrics.json]\nparams: [params.yaml]\n${gates}`,
    'metrics.json': '{ "accuracy": 0.9, "loss": 0.51234567 }\n',
    'params.yaml': 'train: { lr: 0.01, epochs: 10 }\n',
  });
  const commit = await sandbox.commit('first');
  await sandbox.write({
    'metrics.json': '{ "accuracy": 0.85, "loss": 0.5 }\n',
    'params.yaml': 'train: { lr: 0.001, epochs: 10 }\n',
  });
  return { ...sandbox, commit, mlops: (...argv: string[]) => runMlops({ cwd: sandbox.root }, ...argv) };
}

describe('metrics', () => {
  test('show has a column for each revision', async () => {
    const { mlops } = await createProject();
    expect((await mlops('metrics', 'show', 'main', 'workspace')).out).toBe(`file          name         main  workspace
metrics.json  accuracy      0.9       0.85
metrics.json  loss      0.51235        0.5
`);
    expect((await mlops('metrics', 'show', '--md', '--precision', '2', 'main')).out).toBe(`| file | name | main |
| --- | --- | --- |
| metrics.json | accuracy | 0.9 |
| metrics.json | loss | 0.51 |
`);
  });

  test('diff has what moved and by how much', async () => {
    const { mlops } = await createProject();
    expect((await mlops('metrics', 'diff')).out).toBe(`file          name         HEAD  workspace     change
metrics.json  accuracy      0.9       0.85      -0.05
metrics.json  loss      0.51235        0.5  -0.012346
`);
    expect((await mlops('metrics', 'diff', 'HEAD', 'HEAD')).out).toBe('No metrics changed from HEAD to HEAD.\n');
    expect((await mlops('metrics', 'diff', '--csv')).out).toBe(`file,name,HEAD,workspace,change
metrics.json,accuracy,0.9,0.85,-0.050000000000000044
metrics.json,loss,0.51234567,0.5,-0.012345669999999975
`);
  });

  test('check and diff --check exit with 9 when a gate fails', async () => {
    const gates = 'gates:\n  - { metric: "metrics.json:accuracy", min: 0.8, maxDrop: 0.01 }\n';
    const { mlops } = await createProject(gates);
    const check = await mlops('metrics', 'check');
    expect(check.exitCode).toBe(9);
    expect(check.out).toBe(`ok       metrics.json:accuracy is 0.85, and has to be at least 0.8
failed   metrics.json:accuracy went from 0.9 to 0.85, and may fall by 0.01 at most
`);
    expect(check.err).toMatch(/^error: A gate failed: metrics\.json:accuracy went from/);
    expect((await mlops('metrics', 'diff', '--check')).exitCode).toBe(9);
    expect((await mlops('metrics', 'diff')).exitCode).toBe(0);
    expect((await mlops('metrics', 'check', '--base', 'no-such')).exitCode).toBe(2);
  });

  test('have the documents of the contract', async () => {
    const { mlops, commit } = await createProject();
    expect((await mlops('metrics', 'show', 'HEAD', '--json')).json()).toEqual({
      revisions: [
        {
          revision: 'HEAD',
          commit,
          files: [{ file: 'metrics.json', values: { accuracy: 0.9, loss: 0.51234567 } }],
          errors: [],
        },
      ],
    });
    expect(shapeOf((await mlops('metrics', 'diff', '--json')).json())).toEqual({
      from: 'string',
      to: 'string',
      changes: [{ file: 'string', name: 'string', before: 'number', after: 'number', delta: 'number' }],
      gates: [],
      errors: [],
    });
  });
});

describe('params', () => {
  test('show and diff, of some files alone', async () => {
    const { mlops } = await createProject();
    expect((await mlops('params', 'show')).out).toBe(`file         name          workspace
params.yaml  train.lr          0.001
params.yaml  train.epochs         10
`);
    expect((await mlops('params', 'diff')).out).toBe(`file         name      HEAD  workspace  change
params.yaml  train.lr  0.01      0.001  -0.009
`);
    expect((await mlops('params', 'diff', '--all', '--json', '--', 'params.yaml')).json()).toMatchObject({
      changes: [{ name: 'train.lr' }, { name: 'train.epochs' }],
      gates: [],
    });
  });

  test('diff tells types apart', async () => {
    const { mlops, write, commit: _, ...sandbox } = await createProject();
    await write({ 'params.yaml': 'a: 1\nb: 1\nc: 0.5\nd: x\ne: null\nf: true\ng: 12345678901234567890\n' });
    await sandbox.git('add', '.');
    await sandbox.git('commit', '--quiet', '--message', 'types');
    await write({ 'params.yaml': 'a: 1.0\nb: "1"\nc: "0.5"\nd: y\nf: "true"\ng: "12345678901234567890"\n' });
    expect((await mlops('params', 'diff', '--md')).out).toBe(`| file | name | HEAD | workspace | change |
| --- | --- | --- | --- | --- |
| params.yaml | a | 1 | 1.0 | 0 |
| params.yaml | b | 1 | "1" | - |
| params.yaml | c | 0.5 | "0.5" | - |
| params.yaml | d | x | y | - |
| params.yaml | f | true | "true" | - |
| params.yaml | g | 12345678901234567890 | "12345678901234567890" | - |
| params.yaml | e | null | - | - |
`);
    expect((await mlops('params', 'diff', '--json')).json()).toMatchObject({
      changes: [{ name: 'a', before: 1, after: 1, delta: 0 }, { before: 1, after: '1' }, {}, {}, {}, {}, {}],
    });
  });

  test('at every tag, by name', async () => {
    const { mlops, git } = await createProject();
    await git('tag', 'v1.0');
    expect((await mlops('params', 'show', '--all-tags')).out).toContain('v1.0\n');
  });
});

describe('what cannot be read', () => {
  test.each([
    ['metrics', 'show'],
    ['metrics', 'diff'],
    ['metrics', 'check'],
    ['params', 'show'],
    ['params', 'diff'],
  ])('%s %s prints what it has, says what is wrong, and exits with 1', async (subject, verb) => {
    const { mlops, write } = await createProject();
    await write({ 'metrics.json': '{ "accuracy": }', 'params.yaml': 'a: 1\na: 2\n' });
    const { exitCode, out, err } = await mlops(subject, verb, '--json');
    expect(exitCode).toBe(1);
    expect(out).toContain('"errors": [');
    expect(err).toContain('"kind":"failed"');
    const text = await mlops(subject, verb);
    expect(text.exitCode).toBe(1);
    expect(text.out).not.toMatch(/no (metrics|params)/);
    expect(text.err).toMatch(
      /^error: Not everything could be read:\n {2,}(metrics\.json|params\.yaml) at workspace: \d/,
    );
  });

  test.each([
    ['metrics', 'show', 'HEAD', 'workspace'],
    ['metrics', 'diff'],
    ['params', 'show', 'HEAD', 'workspace'],
    ['params', 'diff'],
  ])('a file that is not there yet is no such thing: %s %s', async (...argv) => {
    const { mlops, path } = await createProject();
    await rm(path('metrics.json'));
    await rm(path('params.yaml'));
    expect(await mlops(...argv)).toMatchObject({ exitCode: 0, err: '' });
  });
});
