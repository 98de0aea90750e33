import type { layers, Sequential } from '@tensorflow/tfjs-layers';
import type { Layers } from './packages.ts';

/** The functions that may follow a layer. */
export type LayerActivation = 'relu' | 'tanh' | 'elu' | 'sigmoid' | 'linear' | 'softmax';

/** One layer of a network, in order. Names are given, since TensorFlow.js counts its own across all models of a process. */
export type LayerPlan =
  | { readonly type: 'dense'; readonly name: string; readonly units: number; readonly activation: LayerActivation }
  | {
      readonly type: 'conv2d';
      readonly name: string;
      readonly filters: number;
      readonly kernel: number;
      readonly activation: LayerActivation;
    }
  | { readonly type: 'max-pool'; readonly name: string; readonly size: number }
  | { readonly type: 'flatten'; readonly name: string }
  | { readonly type: 'dropout'; readonly name: string; readonly rate: number }
  | { readonly type: 'activation'; readonly name: string; readonly activation: LayerActivation };

/** A layers model with the weights that TensorFlow.js makes up; they are to be set. */
export function buildLayers(library: Layers, inputShape: readonly number[], plan: readonly LayerPlan[]): Sequential {
  const model = library.sequential({ name: 'model' });
  const input = library.layers.inputLayer({ inputShape: [...inputShape], name: 'input' });
  model.add(input);
  for (const layer of plan) model.add(makeLayer(library.layers, layer));
  return model;
}

function makeLayer(make: typeof layers, layer: LayerPlan) {
  const { name } = layer;
  switch (layer.type) {
    case 'dense':
      return make.dense({ name, units: layer.units, activation: layer.activation, ...PLAIN_START });
    case 'conv2d':
      return make.conv2d({
        name,
        filters: layer.filters,
        kernelSize: layer.kernel,
        padding: 'same',
        activation: layer.activation,
        ...PLAIN_START,
      });
    case 'max-pool':
      return make.maxPooling2d({ name, poolSize: layer.size, strides: layer.size, padding: 'same' });
    case 'flatten':
      return make.flatten({ name });
    case 'dropout':
      return make.dropout({ name, rate: layer.rate });
    case 'activation':
      return make.activation({ name, activation: layer.activation });
  }
}

// Weights are set right after; zeros are the quickest to make, and need no random numbers.
const PLAIN_START = { kernelInitializer: 'zeros', biasInitializer: 'zeros' } as const;
