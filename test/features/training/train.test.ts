import { expect, test } from 'vitest';
import { createDesk, digits, penguins } from './jobs.ts';

test.each([
  ['wasm', penguins({ backend: 'wasm' })],
  ['cpu', penguins({ backend: 'cpu', model: { type: 'mlp', hidden: [16n], dropout: 0.2 } })],
] as const)('on %s, the same settings and data give the same bytes', async (_, settings) => {
  const [here, there] = [await createDesk(), await createDesk()];
  for (const desk of [here, there]) {
    desk.lay('penguins');
    await desk.run('train', settings);
  }
  expect(here.digests('models/penguins')).toEqual(there.digests('models/penguins'));
  expect(here.digests('plots/penguins')).toEqual(there.digests('plots/penguins'));
});

test('a convolutional network with dropout gives the same bytes twice in one process', async () => {
  const desk = await createDesk();
  desk.lay('digits');
  const settings = digits({ model: { type: 'cnn', dropout: 0.3 }, fit: { epochs: 2n } });
  await desk.run('train', settings);
  const first = desk.digests('models/digits');
  await desk.run('train', settings);
  expect(desk.digests('models/digits')).toEqual(first);
});

test('another seed gives other weights', async () => {
  const desk = await createDesk();
  desk.lay('penguins');
  const few = { fit: { epochs: 2n } };
  await desk.run('train', penguins({ ...few, out: 'a', seed: 1n }));
  await desk.run('train', penguins({ ...few, out: 'b', seed: 2n }));
  expect(desk.digests('a')['weights.bin']).not.toBe(desk.digests('b')['weights.bin']);
});

// Whoever changes these changes ENGINE too: stages trained before must become stale.
test.each([
  [
    'a perceptron on wasm',
    'penguins',
    penguins({ backend: 'wasm' }),
    '2ca0e67335ec6fafeae43fc3eb658e47fd279ef0d0413884100dc145bfc656b0',
  ],
  [
    'a perceptron on cpu',
    'penguins',
    penguins({ backend: 'cpu' }),
    '5f14c10d33e2eb2c21fa5c9cd9f769c62e1f2da33b87758a81a8010d77dd2bb2',
  ],
  [
    'a convolutional network on wasm',
    'digits',
    digits({ fit: { epochs: 2n } }),
    'a0d782e78410b6d00e2931c5de0327e8498cffa7ee7dd9ebbaa5c90dc71aac84',
  ],
] as const)('the weights of %s are those of every other machine', async (_, name, settings, digest) => {
  const desk = await createDesk();
  desk.lay(name);
  await desk.run('train', settings);
  expect(desk.digests(`models/${name}`)['weights.bin']).toBe(digest);
});

test('a model folder holds the model, what goes in, what comes out, and where it came from', async () => {
  const desk = await createDesk();
  desk.lay('penguins');
  await desk.run('train', penguins());
  expect(desk.list('models/penguins')).toEqual([
    'model.json',
    'preprocess.json',
    'signature.json',
    'training.json',
    'weights.bin',
  ]);
  expect(desk.json('models/penguins/signature.json')).toEqual({
    version: 1,
    task: 'classification',
    inputs: [
      { name: 'island', type: 'category' },
      { name: 'beak_length', type: 'number' },
      { name: 'beak_depth', type: 'number' },
      { name: 'flipper_length', type: 'number' },
      { name: 'body_mass', type: 'number' },
      { name: 'sex', type: 'category' },
    ],
    target: 'species',
    classes: ['Adelie', 'Chinstrap', 'Gentoo'],
  });
  expect(desk.json('models/penguins/training.json')).toMatchObject({
    version: 1,
    parts: { train: { rows: 240 }, validation: { rows: 52 }, test: { rows: 52 } },
    settings: { target: 'species', backend: 'cpu' },
  });
  expect(desk.read('models/penguins/training.json')).not.toContain(desk.root);
});

test('the folder of plots gets a learning curve with a line for each epoch', async () => {
  const desk = await createDesk();
  desk.lay('penguins');
  await desk.run('train', penguins({ fit: { epochs: 3n }, metrics: 'train.json' }));
  const lines = desk.read('plots/penguins/learning-curve.csv').trim().split('\n');
  expect(lines[0]).toBe('epoch,loss,accuracy,val_loss,val_accuracy');
  expect(lines.map((line) => line.split(',')[0])).toEqual(['epoch', '1', '2', '3']);
  expect(Object.keys(desk.json('train.json'))).toEqual(['loss', 'accuracy', 'val_loss', 'val_accuracy']);
});

test('each epoch is told', async () => {
  const desk = await createDesk();
  desk.lay('penguins');
  await desk.run('train', penguins({ fit: { epochs: 2n } }));
  expect(desk.events).toEqual([
    { type: 'epoch', epoch: 1, epochs: 2, metrics: expect.objectContaining({ val_loss: expect.any(Number) }) },
    { type: 'epoch', epoch: 2, epochs: 2, metrics: expect.objectContaining({ loss: expect.any(Number) }) },
  ]);
});

test('early stopping keeps the weights of the best epoch', async () => {
  const desk = await createDesk();
  desk.lay('penguins');
  const stopping = { monitor: 'val_accuracy', patience: 1n };
  const fit = { epochs: 50n, optimizer: { type: 'sgd', lr: 0.2, momentum: 0.9 }, early_stopping: stopping };
  const result = await desk.run('train', penguins({ fit }));
  expect(result).toMatchObject({ stoppedEarly: true });
  const { keptEpoch, epochs } = desk.json('models/penguins/training.json');
  expect(Number(keptEpoch)).toBeLessThan(Number(epochs));
  // Trained to just that epoch, the weights are the same.
  const shorter = { ...fit, epochs: BigInt(Number(keptEpoch)), early_stopping: null };
  await desk.run('train', penguins({ fit: shorter, out: 'models/shorter' }));
  expect(desk.digests('models/shorter')['weights.bin']).toBe(desk.digests('models/penguins')['weights.bin']);
});

test('a training that goes astray stops with the way out, and writes nothing', async () => {
  const desk = await createDesk();
  desk.lay('penguins');
  const fit = { optimizer: { type: 'sgd', lr: 1e30 } };
  expect(await desk.failure('train', penguins({ fit }))).toEqual({
    kind: 'failed',
    message: 'Training went astray in epoch 1: the loss is no longer a number.',
    hint: 'Lower the learning rate: fit.optimizer.lr: 1e+29',
  });
  expect(desk.exists('models')).toBe(false);
});

test('an interrupted training leaves the model that was there', async () => {
  const desk = await createDesk({ 'models/penguins/training.json': 'mine' });
  desk.lay('penguins');
  desk.stop();
  expect(await desk.failure('train', penguins())).toMatchObject({ kind: 'interrupted' });
  expect(desk.read('models/penguins/training.json')).toBe('mine');
  expect(desk.list('models')).toEqual(['penguins']);
});

test('a model folder is replaced only when that was said', async () => {
  const desk = await createDesk({ 'models/penguins/notes.txt': 'mine' });
  desk.lay('penguins');
  expect(await desk.failure('train', penguins({ fit: { epochs: 1n } }), false)).toEqual({
    kind: 'refused',
    message: 'models/penguins is already there.',
    hint: 'Say --force to replace it, or name another folder with --out.',
  });
  expect(desk.read('models/penguins/notes.txt')).toBe('mine');
});

test('files for each part are used as they are', async () => {
  const desk = await createDesk();
  desk.lay('penguins');
  const [header = '', ...rows] = desk.read('penguins.csv').trim().split('\n');
  const part = (at: number) => [header, ...rows.filter((_, row) => row % 3 === at), ''].join('\n');
  desk.write('train.csv', part(0));
  desk.write('validation.csv', part(1));
  desk.write('test.csv', part(2));
  const data = { train: 'train.csv', validation: 'validation.csv', test: 'test.csv' };
  await desk.run('train', penguins({ data }));
  expect(desk.json('models/penguins/training.json')).toMatchObject({ parts: null, data: { test: { rows: 114 } } });
  expect(await desk.run('evaluate', { model: 'models/penguins' })).toMatchObject({ rows: 114 });
});

test('rows without a label are left out, and that is told', async () => {
  const desk = await createDesk();
  desk.lay('penguins');
  desk.write('penguins.csv', desk.read('penguins.csv').replace('Adelie,Torgersen,39.1', ',Torgersen,39.1'));
  await desk.run('train', penguins({ fit: { epochs: 1n } }));
  expect(desk.events[0]).toEqual({
    type: 'warning',
    message: 'One row of penguins.csv without a "species" was left out.',
    hint: null,
  });
});
