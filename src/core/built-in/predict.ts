import type { MapReader } from './map-reader.ts';
import { type Backend, BACKENDS, type BuiltInParts } from './parts.ts';
import { pathReader } from './paths.ts';

/** A `predict:` stage with every default filled in. Paths are relative to the project's root. */
export type PredictSettings = {
  readonly model: string;
  /** The rows, without or with the target. */
  readonly data: string;
  readonly backend: Backend;
  /** Where predictions go: `.csv`, or `.jsonl`. */
  readonly out: string;
};

/** Reads a `predict:` mapping. */
export function readPredict(reader: MapReader, wdir: string): BuiltInParts<PredictSettings> {
  const path = pathReader(reader, wdir);
  const settings: PredictSettings = {
    model: path('model'),
    data: path('data'),
    backend: reader.choice('backend', BACKENDS, 'auto'),
    out: path('out', 'predictions.csv'),
  };
  if (!/\.(csv|jsonl)$/.test(settings.out)) reader.problem('out', '"out" has to end in .csv or .jsonl.');
  reader.end();
  return {
    settings,
    dependencies: [settings.model, settings.data],
    outputs: [{ path: settings.out, role: 'outs' }],
  };
}
