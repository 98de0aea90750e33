import { expect, test } from 'vitest';
import { createNetwork } from '../../../src/system/tfjs/network.ts';
import { buildLayers, countParameters } from '../../../src/features/training/build-layers.ts';
import { initialWeights } from '../../../src/features/training/initial-weights.ts';
import { createDesk, penguins } from './jobs.ts';
import { createRandom } from '../../../src/features/training/random.ts';

test.each(['wasm', 'cpu'] as const)('hundreds of steps on %s leave no tensor behind', async (backend) => {
  const layers = buildLayers(
    { type: 'cnn', filters: [4n], kernel: 3n, pool: 2n, hidden: [8n], activation: 'tanh', dropout: 0.2 },
    [8, 8, 1],
    3,
  );
  const network = await createNetwork({ backend, root: process.cwd(), inputShape: [8, 8, 1], layers });
  network.setWeights(initialWeights(network.weights(), 1n, 'tanh'));
  const random = createRandom(1n, 'memory');
  const step = network.trainer({ type: 'adam', lr: 0.01 }, random);
  const batch = { rows: 4, values: Float32Array.from({ length: 4 * 64 }, random) };
  const labels = Int32Array.of(0, 1, 2, 0);

  step(batch, labels);
  const before = network.liveTensors();
  for (let at = 0; at < 300; at++) {
    step(batch, labels);
    network.logits(batch);
  }
  network.setWeights(network.weights().map(({ values }) => values));
  expect(network.liveTensors()).toBe(before);
});

test('a network starts from weights that depend on the seed and on names, not on the backend', async () => {
  const start = async (backend: 'wasm' | 'cpu') => {
    const layers = buildLayers({ type: 'mlp', hidden: [4n], activation: 'relu', dropout: 0 }, [3], 2);
    const network = await createNetwork({ backend, root: process.cwd(), inputShape: [3], layers });
    network.setWeights(initialWeights(network.weights(), 7n, 'relu'));
    return network.weights();
  };
  const weights = await start('wasm');
  expect(weights).toEqual(await start('cpu'));
  expect(weights.map(({ name, shape }) => [name, shape])).toEqual([
    ['dense_1/kernel', [3, 4]],
    ['dense_1/bias', [4]],
    ['logits/kernel', [4, 2]],
    ['logits/bias', [2]],
  ]);
  // He: a uniform spread of ±√(6 / inputs).
  expect(Math.max(...(weights[0]?.values ?? []).map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(2));
});

test('parameters are counted before there are any', async () => {
  const layers = buildLayers(
    { type: 'cnn', filters: [4n, 6n], kernel: 3n, pool: 2n, hidden: [8n], activation: 'relu', dropout: 0.5 },
    [9, 7, 2],
    3,
  );
  const network = await createNetwork({ backend: 'cpu', root: process.cwd(), inputShape: [9, 7, 2], layers });
  expect(countParameters(layers, [9, 7, 2])).toBe(network.parameters);
});

test('a model that cannot fit into memory is refused before it is made', async () => {
  const desk = await createDesk();
  desk.lay('penguins');
  expect(await desk.failure('train', penguins({ model: { type: 'mlp', hidden: [100_000n, 100_000n] } }))).toEqual({
    kind: 'usage',
    message: 'The model would have 10002 million parameters, which do not fit into memory (268 million).',
    hint: 'Lower the widths in model.hidden, or raise model.pool.',
  });
});
