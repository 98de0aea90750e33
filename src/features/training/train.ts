import { join } from 'node:path';
import { ENGINE } from '../../core/built-in/resolve-settings.ts';
import type { ResolvedBackend } from '../../core/built-in/parts.ts';
import type { TrainSettings } from '../../core/built-in/train.ts';
import { MlopsError } from '../../core/errors.ts';
import { createNetwork } from '../../system/tfjs/network.ts';
import { buildLayers, countParameters } from './build-layers.ts';
import type { EpochMetrics } from './early-stopping.ts';
import { inputShape } from './features.ts';
import { type FitResult, fitNetwork } from './fit.ts';
import { INITIALISER, initialWeights } from './initial-weights.ts';
import type { JobContext } from './job-context.ts';
import { type TrainingRecord, writeModelFolder } from './model-folder.ts';
import { type Prepared, prepare } from './prepare.ts';
import { RANDOM } from './random.ts';
import type { TrainResult } from './results.ts';
import { roundMeasure } from './rounding.ts';
import { writeReport } from './write-report.ts';

/** Trains a model from start to end and writes its folder, its learning curve and its metrics. */
export async function train(
  settings: TrainSettings,
  backend: ResolvedBackend,
  context: JobContext,
): Promise<TrainResult> {
  const { root, replace, tell, signal } = context;
  const prepared = prepare(settings, root);
  if (prepared.unlabelled > 0) tell(unlabelledWarning(prepared.unlabelled, settings));

  const shape = inputShape(prepared.input.preprocess);
  const layers = buildLayers(settings.model, shape, prepared.input.classes.length);
  checkSize(countParameters(layers, shape));
  const network = await createNetwork({ backend, root, inputShape: shape, layers });
  network.setWeights(initialWeights(network.weights(), settings.seed, settings.model.activation));
  const epochs = Number(settings.fit.epochs);
  const fitted = await fitNetwork(network, {
    train: prepared.train,
    validation: prepared.validation,
    fit: settings.fit,
    seed: settings.seed,
    signal,
    onEpoch: (epoch, metrics) => tell({ type: 'epoch', epoch, epochs, metrics: measuresOf(metrics) }),
  });

  const { out, plots, metrics: metricsFile, ...trainedWith } = settings;
  const record = recordOf(prepared, fitted, network.parameters);
  const model = { files: await network.encode(), input: prepared.input, settings: { ...trainedWith, backend }, record };
  writeModelFolder(join(root, out), model, { replace, name: out });
  if (plots !== null) writeReport(root, `${plots}/learning-curve.csv`, curveOf(fitted.history));
  if (metricsFile !== null) writeReport(root, metricsFile, `${JSON.stringify(record.metrics, null, 2)}\n`);
  return {
    out,
    backend,
    rows: prepared.train.rows,
    parameters: network.parameters,
    epochs: record.epochs,
    keptEpoch: record.keptEpoch,
    stoppedEarly: record.stoppedEarly,
    metrics: record.metrics,
  };
}

// A weight, its gradient and the two averages of adam, in the 4 GB that WebAssembly can address.
const MOST_PARAMETERS = 2 ** 32 / 16;

function checkSize(parameters: number): void {
  if (parameters < MOST_PARAMETERS) return;
  const [asked, most] = [parameters, MOST_PARAMETERS].map((count) => `${(count / 1e6).toFixed(0)} million`);
  throw new MlopsError('usage', `The model would have ${asked} parameters, which do not fit into memory (${most}).`, {
    hint: 'Lower the widths in model.hidden, or raise model.pool.',
  });
}

function recordOf(
  prepared: Prepared,
  { history, keptEpoch, stoppedEarly }: FitResult,
  parameters: number,
): TrainingRecord {
  const kept = history[keptEpoch - 1];
  return {
    engine: ENGINE,
    random: RANDOM,
    initialiser: INITIALISER,
    data: prepared.files,
    parts: prepared.parts,
    unlabelled: prepared.unlabelled,
    parameters,
    epochs: history.length,
    keptEpoch,
    stoppedEarly,
    metrics: kept === undefined ? {} : measuresOf(kept),
  };
}

function curveOf(history: readonly EpochMetrics[]): string {
  const names = Object.keys(history[0] === undefined ? {} : measuresOf(history[0]));
  const rows = history.map((epoch, at) => [at + 1, ...Object.values(measuresOf(epoch))].join(','));
  return [['epoch', ...names].join(','), ...rows, ''].join('\n');
}

/** The measures that an epoch has, as they are told and written. */
function measuresOf(metrics: EpochMetrics): Record<string, number> {
  const measured = Object.entries(metrics).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return Object.fromEntries(measured.map(([name, value]) => [name, roundMeasure(value)]));
}

function unlabelledWarning(count: number, { data, target }: TrainSettings) {
  const rows = count === 1 ? 'One row' : `${count} rows`;
  return {
    type: 'warning',
    message: `${rows} of ${data.train} without a "${target}" ${count === 1 ? 'was' : 'were'} left out.`,
    hint: null,
  } as const;
}
