import { cpSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runMlops } from '../../support/run-mlops.ts';
import { createFolder, createSandbox } from '../../support/sandbox.ts';
import { shapeOf } from './shapes.ts';

const PENGUINS = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'penguins', 'penguins.csv');

async function createDesk() {
  const cwd = await createFolder();
  cpSync(PENGUINS, join(cwd, 'penguins.csv'));
  return (...argv: string[]) => runMlops({ cwd }, ...argv);
}

test('train, evaluate and predict by hand, outside of any project', async () => {
  const mlops = await createDesk();
  const flags = ['--data', 'penguins.csv', '--target', 'species', '--epochs', '12', '--lr', '0.01'];
  const trained = await mlops('train', ...flags, '--hidden', '16', '--out', 'model');
  expect(trained.err).toMatch(/epoch 12\/12/);
  expect(trained.out).toMatch(/^Trained model on \d+ rows \((cpu|wasm), epoch 12 of 12\)\.\n {2}loss 0\.\d+, /);
  expect(trained.events.filter(({ type }) => type === 'epoch')).toHaveLength(12);

  const evaluated = await mlops('evaluate', '--model', 'model', '--metrics', 'accuracy,log_loss', '--out', 'm.json');
  expect(evaluated.out).toMatch(
    /^Evaluated model on \d+ rows; written to m\.json\.\nmetric +value\naccuracy +\S+\nlog_loss +\S+\n$/,
  );

  const predicted = await mlops('predict', '--model', 'model', '--data', 'penguins.csv', '--json');
  expect(predicted.json()).toMatchObject({ result: { out: 'predictions.csv', model: 'model', rows: 344 } });

  const again = await mlops('train', ...flags, '--out', 'model');
  expect(again.exitCode).toBe(8);
  expect(again.err).toContain('--force');
});

test('the document holds the settings with all defaults, and the result', async () => {
  const mlops = await createDesk();
  const { json } = await mlops(
    'train',
    '--data',
    'penguins.csv',
    '--target',
    'species',
    '--epochs',
    '1',
    '--out',
    'model',
    '--json',
  );
  expect(shapeOf(json())).toMatchObject({
    settings: {
      data: { train: 'string' },
      fit: { epochs: 'number', optimizer: { type: 'string', lr: 'number' } },
      seed: 'number',
    },
    result: { out: 'string', backend: 'string', rows: 'number', epochs: 'number', metrics: { loss: 'number' } },
  });
});

test.each([
  [['train', '--data', 'penguins.csv', '--target', 'speces', '--out', 'model'], 'species'],
  [['train', '--data', 'penguins.csv', '--target', 'species', '--out', 'model', '--epochs', 'x'], '--epochs: "x"'],
  [['train', '--data', 'penguins.csv', '--target', 'species', '--out', 'model', '--model', 'transformer'], 'mlp'],
  [['train', '--target', 'species', '--out', 'model'], 'train'],
  [['train', '--config', 'nowhere.yaml'], 'nowhere.yaml'],
])('%j is a mistake that is told', async (argv, word) => {
  const mlops = await createDesk();
  const { exitCode, err } = await mlops(...argv);
  expect(exitCode).toBe(2);
  expect(err).toContain(word);
  expect(err).not.toMatch(/\n\s+at /);
});

test.each([
  ['train', '--data', 'nope.csv', '--target', 'y', '--out', 'm'],
  ['evaluate', '--model', 'nope', '--data', 'penguins.csv'],
  ['predict', '--model', 'nope', '--data', 'penguins.csv'],
])('mlops %s with a path that is nowhere is a usage error', async (...argv) => {
  const mlops = await createDesk();
  const { exitCode, err } = await mlops(...argv);
  expect(exitCode).toBe(2);
  expect(err).toMatch(/^error: nope(\.csv)? does not exist\.\nhint: Correct the path/);
});

test('data that the lockfile names, and that is not here, is to be pulled', async () => {
  const { root, write, mlops } = await createTracked();
  await write({ 'd/rows.csv': 'x,y\n1,a\n' });
  expect((await mlops('add', 'd')).exitCode).toBe(0);
  await rm(join(root, 'd'), { recursive: true });
  const { exitCode, err } = await mlops('train', '--data', 'd/rows.csv', '--target', 'y', '--out', 'm');
  expect(exitCode).toBe(4);
  expect(err).toBe('error: d/rows.csv does not exist.\nhint: mlops pull d/rows.csv\n');
});

async function createTracked() {
  const sandbox = await createSandbox({ '.mlops.yaml': '' });
  return { ...sandbox, mlops: (...argv: string[]) => runMlops({ cwd: sandbox.root }, ...argv) };
}
