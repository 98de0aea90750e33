import { expect, test } from 'vitest';
import { type BuiltIn, decodeBuiltIn } from '../../../src/core/built-in/index.ts';
import { resolveBackend, resolveSettings } from '../../../src/core/built-in/resolve-settings.ts';
import type { ValueMap } from '../../../src/core/value.ts';

const smallest: ValueMap = { data: 'data/penguins.csv', target: 'species', out: 'models/penguins' };

function problemsOf(kind: BuiltIn, raw: ValueMap): string[] {
  return decodeBuiltIn(kind, raw).problems.map(({ keys, message }) => `${keys.join('.')}: ${message}`);
}

test('data, target and out are enough to train', () => {
  const { settings, problems } = decodeBuiltIn('train', smallest);
  expect(problems).toEqual([]);
  expect(settings).toEqual({
    data: {
      train: 'data/penguins.csv',
      validation: null,
      test: null,
      split: { type: 'stratified', by: null, fractions: [0.7, 0.15, 0.15], seed: 42n },
    },
    target: 'species',
    features: { type: 'table', columns: null },
    model: { type: 'mlp', hidden: [32n, 16n], activation: 'relu', dropout: 0 },
    fit: { optimizer: { type: 'adam', lr: 0.001 }, epochs: 100n, batch_size: 32n, early_stopping: null },
    backend: 'auto',
    seed: 42n,
    out: 'models/penguins',
    plots: 'plots/penguins',
    metrics: null,
  });
});

test('a train stage depends on its data and writes a model folder and a learning curve', () => {
  const { dependencies, outputs } = decodeBuiltIn('train', { ...smallest, metrics: 'train.json' });
  expect(dependencies).toEqual(['data/penguins.csv']);
  expect(outputs).toEqual([
    { path: 'models/penguins', role: 'outs' },
    { path: 'train.json', role: 'metrics' },
    {
      path: 'plots/penguins/learning-curve.csv',
      role: 'plots',
      plot: { template: 'linear', x: 'epoch', y: ['loss', 'val_loss'] },
    },
  ]);
});

test('an evaluate stage depends on its model and writes metrics and a confusion plot', () => {
  const { dependencies, outputs, settings } = decodeBuiltIn('evaluate', { model: 'models/penguins' });
  expect(settings.data).toEqual({ part: 'test' });
  expect(dependencies).toEqual(['models/penguins']);
  expect(outputs).toEqual([
    { path: 'metrics.json', role: 'metrics' },
    {
      path: 'plots/penguins/confusion.csv',
      role: 'plots',
      plot: { template: 'confusion', x: 'actual', y: 'predicted' },
    },
  ]);
});

test('an evaluate stage on a file depends on that file as well', () => {
  const { dependencies } = decodeBuiltIn('evaluate', { model: 'm', data: 'new/rows.csv', plots: false });
  expect(dependencies).toEqual(['m', 'new/rows.csv']);
});

test('paths start from the working directory of the stage', () => {
  const { dependencies, outputs } = decodeBuiltIn('predict', { model: '../m', data: 'a.csv' }, { wdir: 'sub' });
  expect(dependencies).toEqual(['m', 'sub/a.csv']);
  expect(outputs).toEqual([{ path: 'sub/predictions.csv', role: 'outs' }]);
});

test('an unknown key names the nearest known one, at its place', () => {
  expect(problemsOf('train', { ...smallest, tarjet: 'x', fit: { epoch: 3n, optimizer: { rate: 1 } } })).toEqual([
    'fit.optimizer.rate: There is no key "rate" here.',
    'fit.epoch: There is no key "epoch" here; did you mean "epochs"?',
    'tarjet: There is no key "tarjet" here; did you mean "target"?',
  ]);
});

test('every mistake is told, not just the first', () => {
  expect(
    problemsOf('train', {
      data: { train: 'a.csv', split: { fractions: [0.5, 0.5, 0.5] } },
      model: { type: 'forest' },
      fit: { epochs: 'many', batch_size: 0n },
      seed: -1n,
    }),
  ).toEqual([
    'seed: "seed" has to be a whole number from 0, not -1.',
    'data.split.fractions: "fractions" has to be three shares that add up to 1, of training, validation and test.',
    'out: "out" is missing: it has to be a text.',
    'target: "target" is missing: it has to be a text.',
    'model.type: "type" cannot be "forest"; it is one of mlp, cnn.',
    'fit.epochs: "epochs" has to be a whole number from 1 to 1000000, not "many".',
    'fit.batch_size: "batch_size" has to be a whole number from 1 to 65536, not 0.',
  ]);
});

test('an optimiser that TensorFlow.js gets wrong is refused with an alternative', () => {
  expect(problemsOf('train', { ...smallest, fit: { optimizer: 'adadelta' } })).toEqual([
    'fit.optimizer.type: In TensorFlow.js 4.22 adadelta is the same as sgd; use adam.',
  ]);
});

test('a cnn without images and early stopping without validation rows are refused', () => {
  expect(
    problemsOf('train', {
      ...smallest,
      data: { train: 'a.csv', test: 'b.csv' },
      model: 'cnn',
      fit: { early_stopping: { monitor: 'val_loss' } },
    }),
  ).toEqual([
    'fit.early_stopping.monitor: Early stopping watches val_loss, but there are no validation rows: give some, or watch loss.',
    'model.type: A cnn needs images: say features: { image: [height, width, channels] }, or use model: mlp.',
  ]);
  expect(problemsOf('train', { ...smallest, features: ['a', 'b'], model: 'cnn' })).toEqual([
    'features: A cnn needs images: say features: { image: [height, width, channels] }, or use model: mlp.',
  ]);
});

test('an output that is not wanted is switched off', () => {
  expect(decodeBuiltIn('evaluate', { model: 'm', out: false, plots: false }).outputs).toEqual([]);
  expect(decodeBuiltIn('train', { ...smallest, plots: false }).outputs).toEqual([
    { path: 'models/penguins', role: 'outs' },
  ]);
});

test('early stopping that is just switched on watches the validation loss', () => {
  expect(decodeBuiltIn('train', { ...smallest, fit: { early_stopping: true } }).settings.fit.early_stopping).toEqual({
    monitor: 'val_loss',
    patience: 10n,
    restore_best: true,
  });
});

test('a whole number is a fine learning rate, and equal to the float', () => {
  const lr = (value: bigint | number) =>
    decodeBuiltIn('train', { ...smallest, fit: { optimizer: { type: 'sgd', lr: value } } }).settings.fit.optimizer.lr;
  expect(lr(1n)).toBe(lr(1.0));
});

test.each([
  ['train', { ...smallest, features: { image: [8n, 8n, 1n], scale: 16n }, model: 'cnn', plots: false }],
  ['train', { ...smallest, features: ['a', { name: ['b', 'c'], type: 'category' }], fit: { early_stopping: 'loss' } }],
  ['train', { ...smallest, data: { train: 'a', validation: 'b' } }],
  ['evaluate', { model: 'm', data: 'rows.csv', metrics: 'accuracy' }],
  ['evaluate', { model: 'm', data: 'validation', plots: false }],
  ['predict', { model: 'm', data: 'rows.csv', out: 'p.jsonl' }],
] as const)('decoded %s settings decode to themselves', (kind, raw) => {
  const once = decodeBuiltIn(kind, raw);
  expect(once.problems).toEqual([]);
  expect(decodeBuiltIn(kind, once.settings)).toEqual(once);
});

test('auto is the cpu for a few narrow layers and wasm for everything else', () => {
  const backendOf = (raw: ValueMap) =>
    resolveBackend('train', decodeBuiltIn('train', { ...smallest, ...raw }).settings);
  expect(backendOf({})).toBe('cpu');
  expect(backendOf({ model: { type: 'mlp', hidden: [64n, 64n] } })).toBe('wasm');
  expect(backendOf({ model: 'cnn', features: { image: [8n, 8n] } })).toBe('wasm');
  expect(backendOf({ backend: 'tensorflow' })).toBe('tensorflow');
});

test('resolved settings carry the engine, so that a new engine makes a stage stale', () => {
  expect(resolveSettings('evaluate', { model: 'm', backend: 'auto' })).toMatchObject({
    backend: 'wasm',
    engine: expect.stringContaining('tfjs-4.22.0'),
  });
});
