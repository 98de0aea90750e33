import type { Optimizer, Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ResolvedBackend } from '../../core/built-in/parts.ts';
import { buildLayers, type LayerPlan } from './layer-plan.ts';
import { type Library, loadLibrary } from './library.ts';
import { decodeModel, encodeModel, type ModelFiles } from './model-files.ts';

/** One weight of a network: `dense_1/kernel`, its shape, its values in row-major order. */
export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Some rows: their values one after another, and for training the class of each. */
export interface Batch {
  readonly rows: number;
  readonly values: Float32Array;
}

/** How weights move. */
export type OptimizerPlan =
  | { readonly type: 'adam'; readonly lr: number }
  | { readonly type: 'sgd'; readonly lr: number; readonly momentum: number };

/** One step of training: the mean loss of its rows, and how many of them were right before it. */
export interface Step {
  readonly loss: number;
  readonly correct: number;
}

/** A classifier whose last layer is a softmax. No tensor leaves it, so none can leak. */
export interface Network {
  readonly classes: number;
  readonly parameters: number;
  readonly weights: () => readonly Weight[];
  readonly setWeights: (values: readonly Float32Array[]) => void;
  /** A function that does one step. `random` draws the dropout masks. */
  readonly trainer: (optimizer: OptimizerPlan, random: () => number) => (batch: Batch, labels: Int32Array) => Step;
  /** What the softmax is taken of, row by row. */
  readonly logits: (batch: Batch) => Float32Array;
  readonly encode: () => Promise<ModelFiles>;
  readonly liveTensors: () => number;
}

/** A new network on a backend. */
export async function createNetwork(request: {
  readonly backend: ResolvedBackend;
  readonly root: string;
  readonly inputShape: readonly number[];
  readonly layers: readonly LayerPlan[];
}): Promise<Network> {
  const library = await loadLibrary(request.backend, request.root);
  return networkOf(library, buildLayers(library.layers, request.inputShape, request.layers));
}

/** A network from the files of a model folder. */
export async function openNetwork(files: ModelFiles, backend: ResolvedBackend, root: string): Promise<Network> {
  const library = await loadLibrary(backend, root);
  return networkOf(library, await decodeModel(library, files));
}

function networkOf(library: Library, model: LayersModel): Network {
  const { core } = library;
  const inputShape = model.inputs[0]?.shape.slice(1).map(Number) ?? [];
  const classes = model.outputs[0]?.shape.at(-1) ?? 0;
  const variables = model.trainableWeights.map((weight) => {
    const value = weight.read();
    if (!(value instanceof core.Variable)) throw new TypeError(`The weight ${weight.name} cannot be trained.`);
    return value;
  });

  const inner = model.layers.filter((layer) => layer.getClassName() !== 'InputLayer').slice(0, -1);

  /** Everything but the softmax. While training, dropout uses our own masks: its own cannot be repeated. */
  function forward(input: Tensor, random: (() => number) | null): Tensor {
    let value = input;
    for (const layer of inner) {
      if (layer.getClassName() !== 'Dropout') value = layer.apply(value) as Tensor;
      else if (random !== null)
        value = core.mul(value, dropoutMask(value.shape, Number(layer.getConfig()['rate']), random));
    }
    return value;
  }

  function dropoutMask(shape: number[], rate: number, random: () => number): Tensor {
    const mask = new Float32Array(core.util.sizeFromShape(shape));
    for (let i = 0; i < mask.length; i++) mask[i] = random() < rate ? 0 : 1 / (1 - rate);
    return core.tensor(mask, shape);
  }

  const tensorOf = ({ rows, values }: Batch) => core.tensor(values, [rows, ...inputShape], 'float32');

  function step(batch: Batch, labels: Int32Array, optimizer: Optimizer, random: () => number): Step {
    return core.tidy(() => {
      const input = tensorOf(batch);
      const wanted = core.oneHot(core.tensor1d(labels, 'int32'), classes);
      let logits: Tensor | undefined;
      const { value, grads } = core.variableGrads(() => {
        logits = core.keep(forward(input, random));
        return core.losses.softmaxCrossEntropy<Tensor, Scalar>(wanted, logits);
      }, variables as Variable[]);
      optimizer.applyGradients(grads);
      const correct = countCorrect(logits?.dataSync() ?? [], labels, classes);
      logits?.dispose();
      return { loss: value.dataSync()[0] ?? NaN, correct };
    });
  }

  return {
    classes,
    parameters: model.countParams(),
    weights: () =>
      model.weights.map((weight) => ({
        name: weight.originalName,
        shape: weight.shape.map(Number),
        values: Float32Array.from(weight.read().dataSync()),
      })),
    setWeights(values) {
      core.tidy(() => {
        model.setWeights(model.weights.map((weight, at) => core.tensor(values[at] ?? [], weight.shape.map(Number))));
      });
    },
    trainer(plan, random) {
      const optimizer = makeOptimizer(library, plan);
      return (batch, labels) => step(batch, labels, optimizer, random);
    },
    logits: (batch) => core.tidy(() => Float32Array.from(forward(tensorOf(batch), null).dataSync())),
    encode: () => encodeModel(model),
    liveTensors: () => core.memory().numTensors,
  };
}

function makeOptimizer({ core }: Library, plan: OptimizerPlan): Optimizer {
  if (plan.type === 'adam') return core.train.adam(plan.lr);
  return plan.momentum === 0 ? core.train.sgd(plan.lr) : core.train.momentum(plan.lr, plan.momentum);
}

function countCorrect(logits: ArrayLike<number>, labels: Int32Array, classes: number): number {
  let correct = 0;
  for (let row = 0; row < labels.length; row++) {
    let best = 0;
    for (let at = 1; at < classes; at++) {
      if ((logits[row * classes + at] ?? 0) > (logits[row * classes + best] ?? 0)) best = at;
    }
    if (best === labels[row]) correct++;
  }
  return correct;
}
