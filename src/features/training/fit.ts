import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FitSettings } from '../../core/built-in/fit.ts';
import { MlopsError } from '../../core/errors.ts';
import type { Network, Step } from '../../system/tfjs/network.ts';
import { logLoss } from './class-metrics.ts';
import type { DataSet } from './data-set.ts';
import { type EpochMetrics, watch, type Watch, WATCH_START } from './early-stopping.ts';
import { likeliest, logProbabilities } from './probabilities.ts';
import { createRandom, shuffledOrder } from './random.ts';

/** How to fit a network. */
export interface FitRequest {
  readonly train: DataSet;
  readonly validation: DataSet | null;
  readonly fit: FitSettings;
  readonly seed: bigint;
  readonly signal: AbortSignal;
  readonly onEpoch: (epoch: number, metrics: EpochMetrics) => void;
}

/** How it went. Epochs count from 1. */
export interface FitResult {
  readonly history: readonly EpochMetrics[];
  /** The epoch whose weights the network has now. */
  readonly keptEpoch: number;
  readonly stoppedEarly: boolean;
}

// How long the process may be deaf to Ctrl-C and to its parent.
const DEAF_MILLISECONDS = 50;

/**
 * Trains a network. Order of rows and dropout masks of an epoch depend on the seed and the epoch's number alone, so equal
 * requests end in equal weights.
 */
export async function fitNetwork(network: Network, request: FitRequest): Promise<FitResult> {
  const { fit, train, validation, seed, signal, onEpoch } = request;
  let masks = createRandom(seed, 'dropout/0');
  const step = network.trainer(fit.optimizer, () => masks());
  const breathe = breather(signal);
  const history: EpochMetrics[] = [];
  let watched: Watch = WATCH_START;
  let best: readonly Float32Array[] | null = null;
  const epochs = Number(fit.epochs);
  for (let epoch = 1; epoch <= epochs && !watched.shouldStop; epoch++) {
    masks = createRandom(seed, `dropout/${epoch}`);
    const order = shuffledOrder(train.rows, createRandom(seed, `shuffle/${epoch}`));
    let [loss, correct] = [0, 0];
    for (let start = 0; start < train.rows; start += Number(fit.batch_size)) {
      const rows = order.subarray(start, start + Number(fit.batch_size));
      const done: Step = step(...pickRows(train, rows));
      if (!Number.isFinite(done.loss)) throw diverged(epoch, fit);
      loss += done.loss * rows.length;
      correct += done.correct;
      await breathe();
    }
    const metrics = {
      loss: loss / train.rows,
      accuracy: correct / train.rows,
      ...(validation === null ? NOT_VALIDATED : validate(network, validation)),
    };
    history.push(metrics);
    onEpoch(epoch, metrics);
    watched = watch(watched, epoch, { metrics, stopping: fit.early_stopping });
    if (watched.isBest && fit.early_stopping?.restore_best === true)
      best = network.weights().map(({ values }) => values);
  }
  if (best !== null) network.setWeights(best);
  return {
    history,
    keptEpoch: best === null ? history.length : watched.bestEpoch,
    stoppedEarly: history.length < epochs,
  };
}

const NOT_VALIDATED = { val_loss: null, val_accuracy: null } as const;

function validate(network: Network, { rows, values, labels }: DataSet) {
  const logs = logProbabilities(network, { rows, values });
  const predicted = likeliest(logs, network.classes);
  const right = labels.reduce((count, label, row) => count + (label === predicted[row] ? 1 : 0), 0);
  return {
    val_loss: logLoss({ classes: network.classes, actual: labels, predicted, logs }),
    val_accuracy: right / rows,
  };
}

function pickRows({ rows: count, values, labels }: DataSet, rows: Uint32Array) {
  const width = values.length / count;
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, place) => picked.set(values.subarray(row * width, (row + 1) * width), place * width));
  return [{ rows: rows.length, values: picked }, Int32Array.from(rows, (row) => labels[row] ?? 0)] as const;
}

/** Lets signals and messages in now and then, and stops when asked to. */
function breather(signal: AbortSignal): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last > DEAF_MILLISECONDS) {
      await nextTurn();
      last = performance.now();
    }
    if (signal.aborted) throw new MlopsError('interrupted', 'Training was interrupted; nothing was written.');
  };
}

function diverged(epoch: number, { optimizer }: FitSettings): MlopsError {
  return new MlopsError('failed', `Training went astray in epoch ${epoch}: the loss is no longer a number.`, {
    hint: `Lower the learning rate: fit.optimizer.lr: ${Number((optimizer.lr / 10).toPrecision(3))}`,
  });
}
