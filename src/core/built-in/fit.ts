import { MapReader } from './map-reader.ts';

/** How weights move. */
export type OptimizerSettings =
  | { readonly type: 'adam'; readonly lr: number }
  | { readonly type: 'sgd'; readonly lr: number; readonly momentum: number };

/** When to stop before the last epoch. */
export type EarlyStopping = {
  readonly monitor: 'loss' | 'val_loss' | 'val_accuracy';
  /** Epochs without a better value. */
  readonly patience: bigint;
  /** Keep the weights of the best epoch, not of the last. */
  readonly restore_best: boolean;
};

/** How long and in which steps the model is trained. */
export type FitSettings = {
  readonly optimizer: OptimizerSettings;
  readonly epochs: bigint;
  readonly batch_size: bigint;
  readonly early_stopping: EarlyStopping | null;
};

/** Optimisers that people look for and do not find, with the reason. */
const REFUSED: Readonly<Record<string, string>> = {
  adadelta: 'In TensorFlow.js 4.22 adadelta is the same as sgd; use adam.',
  adamax: 'In TensorFlow.js 4.22 adamax cannot be saved; use adam.',
};

/** Reads `fit`. */
export function readFit(parent: MapReader): FitSettings {
  const reader = parent.map('fit');
  const fit: FitSettings = {
    optimizer: readOptimizer(reader),
    epochs: reader.integer('epochs', { fallback: 100n, min: 1n, max: 1_000_000n }),
    batch_size: reader.integer('batch_size', { fallback: 32n, min: 1n, max: 65_536n }),
    early_stopping: readEarlyStopping(reader),
  };
  reader.end();
  return fit;
}

function readOptimizer(parent: MapReader): OptimizerSettings {
  const reader = parent.map('optimizer', 'type');
  const asked = reader.raw('type');
  const refusal = typeof asked === 'string' && Object.hasOwn(REFUSED, asked) ? REFUSED[asked] : undefined;
  if (refusal !== undefined) reader.problem('type', refusal);
  const type = refusal === undefined ? reader.choice('type', ['adam', 'sgd'], 'adam') : 'adam';
  const lr = reader.number('lr', { fallback: type === 'adam' ? 0.001 : 0.01, above: 0 });
  const optimizer: OptimizerSettings =
    type === 'adam'
      ? { type, lr }
      : { type, lr, momentum: reader.number('momentum', { fallback: 0, min: 0, below: 1 }) };
  reader.end();
  return optimizer;
}

function readEarlyStopping(parent: MapReader): EarlyStopping | null {
  const raw = parent.raw('early_stopping');
  if (raw === undefined || raw === null || raw === false) return null;
  const reader = raw === true ? new MapReader({}, []) : parent.map('early_stopping', 'monitor');
  const stopping: EarlyStopping = {
    monitor: reader.choice('monitor', ['loss', 'val_loss', 'val_accuracy'], 'val_loss'),
    patience: reader.integer('patience', { fallback: 10n, min: 0n }),
    restore_best: reader.flag('restore_best', true),
  };
  reader.end();
  return stopping;
}
