import type { MapReader } from './map-reader.ts';
import { type Backend, BACKENDS, type BuiltInOutput, type BuiltInParts, isOff, readPlotsFolder } from './parts.ts';
import { baseName, pathReader } from './paths.ts';

/** A measure of a classifier; each is a name in the metrics file. */
export type ClassMetric = (typeof CLASS_METRICS)[number];

/** All measures of a classifier; F1, precision and recall are the plain mean over the classes. */
export const CLASS_METRICS = ['accuracy', 'balanced_accuracy', 'f1', 'precision', 'recall', 'log_loss'] as const;

/** A part of the rows that a model was trained with. */
export type Part = (typeof PARTS)[number];

const PARTS = ['test', 'validation', 'train'] as const;

/** An `evaluate:` stage with every default filled in. Paths are relative to the project's root. */
export type EvaluateSettings = {
  readonly model: string;
  /** Rows that the model's own split set aside, or a file. */
  readonly data: { readonly part: Part } | { readonly file: string };
  readonly metrics: readonly ClassMetric[];
  readonly backend: Backend;
  /** The metrics file; null: none. */
  readonly out: string | null;
  /** The folder of the confusion plot; null: none. */
  readonly plots: string | null;
};

const DEFAULT_METRICS: readonly ClassMetric[] = ['accuracy', 'balanced_accuracy', 'f1', 'log_loss'];

/** Reads an `evaluate:` mapping. */
export function readEvaluate(reader: MapReader, wdir: string): BuiltInParts<EvaluateSettings> {
  const path = pathReader(reader, wdir);
  const model = path('model');
  const settings: EvaluateSettings = {
    model,
    data: readData(reader, wdir),
    metrics: readMetrics(reader),
    backend: reader.choice('backend', BACKENDS, 'auto'),
    out: isOff(reader.raw('out')) ? null : path('out', 'metrics.json'),
    plots: readPlotsFolder(reader, wdir, `plots/${baseName(model)}`),
  };
  reader.end();

  const outputs: BuiltInOutput[] = [];
  if (settings.out !== null) outputs.push({ path: settings.out, role: 'metrics' });
  if (settings.plots !== null) {
    const plot = { template: 'confusion', x: 'actual', y: 'predicted' };
    outputs.push({ path: `${settings.plots}/confusion.csv`, role: 'plots', plot });
  }
  return { settings, dependencies: 'file' in settings.data ? [model, settings.data.file] : [model], outputs };
}

function readData(reader: MapReader, wdir: string): EvaluateSettings['data'] {
  const raw = reader.raw('data');
  if (raw === undefined) return { part: 'test' };
  const part = PARTS.find((word) => word === raw);
  if (part !== undefined) return { part };
  if (typeof raw === 'string') return { file: pathReader(reader, wdir)('data') };
  const map = reader.map('data');
  const given = map.raw('file');
  const data: EvaluateSettings['data'] =
    given === undefined ? { part: map.choice('part', PARTS, 'test') } : { file: pathReader(map, wdir)('file') };
  map.end();
  return data;
}

function readMetrics(reader: MapReader): readonly ClassMetric[] {
  const names = reader.texts('metrics');
  if (names === null) return DEFAULT_METRICS;
  const known = names.map((name) => CLASS_METRICS.find((metric) => metric === name));
  const wrong = names.filter((_, at) => known[at] === undefined);
  for (const name of wrong) {
    reader.problem('metrics', `There is no metric "${name}"; there are ${CLASS_METRICS.join(', ')}.`);
  }
  return known.filter((metric) => metric !== undefined);
}
