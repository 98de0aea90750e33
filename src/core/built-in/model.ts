import type { MapReader } from './map-reader.ts';

/** The network: fully connected layers, or convolutions before them. */
export type ModelSettings =
  | {
      readonly type: 'mlp';
      /** Widths of the hidden layers; none is a linear model. */
      readonly hidden: readonly bigint[];
      readonly activation: Activation;
      /** The share of values that is dropped after each hidden layer while training. */
      readonly dropout: number;
    }
  | {
      readonly type: 'cnn';
      /** Filters of each convolution. */
      readonly filters: readonly bigint[];
      /** Side of the square kernels. */
      readonly kernel: bigint;
      /** Side of the max pooling after each convolution; 1: none. */
      readonly pool: bigint;
      readonly hidden: readonly bigint[];
      readonly activation: Activation;
      readonly dropout: number;
    };

/** What follows each hidden layer. */
export type Activation = (typeof ACTIVATIONS)[number];

const ACTIVATIONS = ['relu', 'tanh', 'elu', 'sigmoid'] as const;

/** Reads `model`: a mapping, or just `mlp` or `cnn`. */
export function readModel(parent: MapReader): ModelSettings {
  const reader = parent.map('model', 'type');
  const type = reader.choice('type', ['mlp', 'cnn'], 'mlp');
  const shared = {
    activation: reader.choice('activation', ACTIVATIONS, 'relu'),
    dropout: reader.number('dropout', { fallback: 0, min: 0, below: 1 }),
  };
  const model: ModelSettings =
    type === 'mlp'
      ? { type, hidden: reader.integers('hidden', { fallback: [32n, 16n], min: 1n }), ...shared }
      : {
          type,
          filters: reader.integers('filters', { fallback: [16n, 32n], min: 1n }),
          kernel: reader.integer('kernel', { fallback: 3n, min: 1n, max: 15n }),
          pool: reader.integer('pool', { fallback: 2n, min: 1n, max: 15n }),
          hidden: reader.integers('hidden', { fallback: [64n], min: 1n }),
          ...shared,
        };
  if (model.type === 'cnn' && model.filters.length === 0)
    reader.problem('filters', 'A cnn needs a convolution at least.');
  reader.end();
  return model;
}
