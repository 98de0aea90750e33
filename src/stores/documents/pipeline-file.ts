import type { Problem } from '../../core/errors.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import type { ConfigLayer } from './config-layer.ts';
import { Decoder } from './decode.ts';
import { expandStages } from './expand.ts';
import { decodeData, decodeGates, decodePlots } from './notes-decoder.ts';
import { checkLaws } from './pipeline-laws.ts';
import { decodeSettings, SETTINGS_KEYS } from './settings-decoder.ts';
import { decodePaths, decodeStage } from './stage-decoder.ts';
import { decodeText } from './text.ts';
import { NO_VARIABLES, type ReadFile, readVariables, type Variables } from './variables.ts';
import { readYaml, type YamlReading } from './yaml.ts';
import type { YamlField } from './yaml-node.ts';

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
}

const KEYS = [...SETTINGS_KEYS, 'data', 'vars', 'stages', 'metrics', 'plots', 'params', 'gates'];
const LATER = ['include'];

/** Reads a `.mlops.yaml` with the files that its `${…}` refer to, collecting every mistake. */
export async function readPipelineFile(
  content: string | Uint8Array,
  file: string,
  read: ReadFile,
): Promise<PipelineFileReading> {
  const reading = readYaml(content, file);
  if (!decodeText(content, file).text.includes('${')) return decode(reading, file, NO_VARIABLES);
  const decoder = new Decoder(file, reading.place);
  const variables = await readVariables(reading.root, read, decoder);
  const decoded = decode(reading, file, variables);
  return { ...decoded, problems: [...decoder.problems, ...decoded.problems] };
}

function decode({ root, problems, place }: YamlReading, file: string, variables: Variables): PipelineFileReading {
  const decoder = new Decoder(file, place);
  decoder.problems.push(...problems);
  const fields: Map<string, YamlField> = root === null ? new Map() : decoder.fields(root, `${file}`, KEYS, LATER);
  const settings = decodeSettings(fields, decoder);
  const settingsAreSound = decoder.problems.length === 0;

  const stages = expandStages(fields.get('stages'), variables, decoder).flatMap(
    (written) => decodeStage(written, decoder) ?? [],
  );
  // A name that was given twice is told already.
  checkLaws(
    stages.filter(({ at }) => !decoder.isWrongAt(at)),
    decoder,
  );
  const pathsOf = (key: string) => decodePaths(fields.get(key), '.', decoder).map(({ path }) => path);
  const pipeline: Pipeline = {
    stages: stages.map(({ stage }) => stage),
    data: decodeData(fields.get('data'), decoder),
    metrics: pathsOf('metrics'),
    params: pathsOf('params'),
    plots: decodePlots(fields.get('plots'), decoder),
    gates: decodeGates(fields.get('gates'), decoder),
  };
  const sorted = decoder.problems.toSorted(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
  return { settings, pipeline, problems: sorted, settingsAreSound };
}
