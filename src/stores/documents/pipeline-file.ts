import { posix } from 'node:path';
import type { Problem } from '../../core/errors.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import type { ConfigLayer } from './config-layer.ts';
import { emptyMap } from './flow.ts';
import { withHeldOutData } from './held-out.ts';
import { readParts } from './include.ts';
import { decodeData, decodeGates, decodePlots } from './notes-decoder.ts';
import { checkLaws } from './pipeline-laws.ts';
import type { PipelinePart } from './pipeline-part.ts';
import { decodePaths } from './stage-decoder.ts';
import type { ReadFile } from './variables.ts';

/** What a `.mlops.yaml` says: the settings of the project, and its pipeline. */
export interface PipelineFile {
  readonly settings: ConfigLayer;
  readonly pipeline: Pipeline;
}

/** The same with the mistakes that were found; what they concern is left out. */
export interface PipelineFileReading extends PipelineFile {
  readonly problems: readonly Problem[];
  /** False when one of the mistakes is in the settings, or the file could not be read at all. */
  readonly settingsAreSound: boolean;
  /** The file itself and those that it includes, each with the folder that it speaks of. */
  readonly parts: readonly Pick<PipelinePart, 'file' | 'folder'>[];
}

/** Reads a `.mlops.yaml` with the files that it includes and that its `${…}` refer to, collecting every mistake. */
export async function readPipelineFile(
  content: string | Uint8Array,
  file: string,
  read: ReadFile,
): Promise<PipelineFileReading> {
  const parts = await readParts(content, file, read);
  const [{ settings, settingsAreSound }] = parts;
  // A name that was given twice is told already.
  checkLaws(parts.flatMap(({ stages }) => stages.filter(({ at, decoder }) => !decoder.isWrongAt(at))));
  const pipelines = parts.map(pipelineOf);
  const pipeline: Pipeline = {
    stages: withHeldOutData(pipelines.flatMap(({ stages }) => stages)),
    data: pipelines.reduce((all, { data }) => Object.assign(all, data), emptyMap<Pipeline['data'][string]>()),
    metrics: pipelines.flatMap(({ metrics }) => metrics),
    params: pipelines.flatMap(({ params }) => params),
    plots: pipelines.flatMap(({ plots }) => plots),
    gates: pipelines.flatMap(({ gates }) => gates),
  };
  const problems = parts.flatMap(({ decoder }) => inOrder(decoder.problems, decoder.file));
  return { settings, pipeline, problems, settingsAreSound, parts };
}

function pipelineOf({ folder, decoder, fields, stages }: PipelinePart): Pipeline {
  const pathsOf = (key: string) => decodePaths(fields.get(key), folder, decoder).map(({ path }) => path);
  const beside = folder === '.' ? [] : [posix.join(folder, 'params.yaml')];
  return {
    stages: stages.map(({ stage }) => stage),
    data: decodeData(fields.get('data'), decoder),
    metrics: pathsOf('metrics'),
    params: [...beside, ...pathsOf('params')],
    plots: decodePlots(fields.get('plots'), decoder),
    gates: decodeGates(fields.get('gates'), decoder),
  };
}

/** Those of files that this one reads first, then its own from top to bottom. */
function inOrder(problems: readonly Problem[], own: string): Problem[] {
  const sorted = problems
    .filter(({ file }) => file === own)
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  return [...problems.filter(({ file }) => file !== own), ...sorted];
}
