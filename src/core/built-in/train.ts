import { isList, type ValueMap } from '../value.ts';
import { type FeatureSettings, readFeatures } from './features.ts';
import { type FitSettings, readFit } from './fit.ts';
import type { MapReader } from './map-reader.ts';
import { type ModelSettings, readModel } from './model.ts';
import { baseName, pathReader } from './paths.ts';
import { type Backend, BACKENDS, type BuiltInParts, readPlotsFolder } from './parts.ts';

/** How rows are dealt to training, validation and test; null when the files say it. */
export type SplitSettings = {
  readonly type: 'stratified' | 'random';
  /** The column whose values are spread evenly; null: the target. */
  readonly by: string | null;
  /** Of training, validation and test; they add up to 1. */
  readonly fractions: readonly [number, number, number];
  readonly seed: bigint;
};

/** Where the rows come from: one file that is split, or a file for each part. */
export type DataSettings = {
  readonly train: string;
  readonly validation: string | null;
  readonly test: string | null;
  readonly split: SplitSettings | null;
};

/** A `train:` stage with every default filled in. Paths are relative to the project's root. */
export type TrainSettings = {
  readonly data: DataSettings;
  readonly target: string;
  readonly features: FeatureSettings;
  readonly model: ModelSettings;
  readonly fit: FitSettings;
  readonly backend: Backend;
  readonly seed: bigint;
  /** The model folder. */
  readonly out: string;
  /** The folder of the learning curve; null: none. */
  readonly plots: string | null;
  /** A metrics file for the last losses; null: none. */
  readonly metrics: string | null;
};

const EVEN_SHARE: readonly [number, number, number] = [0.7, 0.15, 0.15];

/** Reads a `train:` mapping. */
export function readTrain(reader: MapReader, wdir: string): BuiltInParts<TrainSettings> {
  const path = pathReader(reader, wdir);
  const seed = reader.integer('seed', { fallback: 42n, min: 0n });
  const data = readData(reader, wdir, seed);
  const out = path('out');
  const settings: TrainSettings = {
    data,
    target: reader.text('target'),
    features: readFeatures(reader),
    model: readModel(reader),
    fit: readFit(reader),
    backend: reader.choice('backend', BACKENDS, 'auto'),
    seed,
    out,
    plots: readPlotsFolder(reader, wdir, `plots/${baseName(out)}`),
    metrics: path('metrics', null),
  };
  checkTogether(settings, reader);
  reader.end();

  const curve = settings.plots === null ? [] : [`${settings.plots}/learning-curve.csv`];
  return {
    settings,
    dependencies: [data.train, data.validation, data.test].filter((file) => file !== null),
    outputs: [
      { path: out, role: 'outs' },
      ...(settings.metrics === null ? [] : [{ path: settings.metrics, role: 'metrics' } as const]),
      ...curve.map((file) => ({ path: file, role: 'plots', plot: curvePlot(data) }) as const),
    ],
  };
}

function curvePlot(data: DataSettings): ValueMap {
  return { template: 'linear', x: 'epoch', y: isValidated(data) ? ['loss', 'val_loss'] : ['loss'] };
}

function isValidated({ split, validation }: DataSettings): boolean {
  return split === null ? validation !== null : split.fractions[1] > 0;
}

function readData(parent: MapReader, wdir: string, seed: bigint): DataSettings {
  const reader = parent.map('data', 'train');
  const path = pathReader(reader, wdir);
  const [train, validation, test] = [path('train'), path('validation', null), path('test', null)];
  const given = validation !== null || test !== null;
  const split = given ? null : readSplit(reader, seed);
  if (given && (reader.raw('split') ?? null) !== null) {
    reader.problem('split', 'Rows are either split or come from files: leave out "split", or "validation" and "test".');
  }
  reader.end();
  return { train, validation, test, split };
}

function readSplit(parent: MapReader, seed: bigint): SplitSettings {
  const reader = parent.map('split', 'type');
  const by = reader.raw('by');
  const split: SplitSettings = {
    type: reader.choice('type', ['stratified', 'random'], 'stratified'),
    by: by === undefined || by === null ? null : reader.text('by'),
    fractions: readFractions(reader),
    seed: reader.integer('seed', { fallback: seed, min: 0n }),
  };
  if (split.type === 'random' && split.by !== null) {
    reader.problem('by', '"by" belongs to a stratified split; leave it out, or say type: stratified.');
  }
  reader.end();
  return split;
}

function readFractions(reader: MapReader): readonly [number, number, number] {
  const raw = reader.raw('fractions');
  if (raw === undefined) return EVEN_SHARE;
  const list = isList(raw) ? raw.map((item) => (typeof item === 'bigint' ? Number(item) : item)) : [];
  const [train, validation, test] = list;
  const isShare = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1;
  if (list.length === 3 && isShare(train) && isShare(validation) && isShare(test) && train > 0) {
    if (Math.abs(train + validation + test - 1) < 1e-9) return [train, validation, test];
  }
  reader.problem('fractions', '"fractions" has to be three shares that add up to 1, of training, validation and test.');
  return EVEN_SHARE;
}

function checkTogether({ data, fit, model, features }: TrainSettings, reader: MapReader): void {
  const monitor = fit.early_stopping?.monitor;
  if (monitor?.startsWith('val_') && !isValidated(data)) {
    reader.problemAt(
      ['fit', 'early_stopping', 'monitor'],
      `Early stopping watches ${monitor}, but there are no validation rows: give some, or watch loss.`,
    );
  }
  if (model.type === 'cnn' && features.type !== 'image') {
    reader.problemAt(
      reader.has('features') ? ['features'] : ['model', 'type'],
      'A cnn needs images: say features: { image: [height, width, channels] }, or use model: mlp.',
    );
  }
}
