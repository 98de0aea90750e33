import type { ConfigLayer } from './config-layer.ts';
import { Decoder } from './decode.ts';
import { expandStages } from './expand.ts';
import { decodeSettings, SETTINGS_KEYS } from './settings-decoder.ts';
import { decodeStage, type PlacedStage } from './stage-decoder.ts';
import { decodeText } from './text.ts';
import { NO_VARIABLES, type ReadFile, readVariables } from './variables.ts';
import { readYaml } from './yaml.ts';
import type { YamlField } from './yaml-node.ts';

/** One file of a pipeline: the project's own, or one that another includes. */
export interface PipelinePart {
  readonly file: string;
  /** Its paths start from here, and so do its stages' names; `.` is the root. */
  readonly folder: string;
  readonly decoder: Decoder;
  readonly fields: ReadonlyMap<string, YamlField>;
  readonly stages: readonly PlacedStage[];
  /** What the project's own file says beside its pipeline. */
  readonly settings: ConfigLayer;
  /** False when a mistake is in them, or the file could not be read at all. */
  readonly settingsAreSound: boolean;
}

/** The keys of a file of a pipeline, beside those of settings. */
export const PART_KEYS: readonly string[] = [
  'include',
  'vars',
  'stages',
  'data',
  'metrics',
  'params',
  'plots',
  'gates',
];

/** Reads one file; its `${…}` mean what its own `vars` and the `params.yaml` beside it say, whoever includes it. */
export async function readPart(
  content: string | Uint8Array,
  { file, folder }: Pick<PipelinePart, 'file' | 'folder'>,
  read: ReadFile,
): Promise<PipelinePart> {
  const { root, problems, place } = readYaml(content, file);
  const decoder = new Decoder(file, place, folder);
  decoder.problems.push(...problems);
  const known = folder === '.' ? [...SETTINGS_KEYS, ...PART_KEYS] : PART_KEYS;
  const given = root === null ? [] : (decoder.map(root, file)?.fields ?? []);
  const strays = folder === '.' ? [] : given.filter(({ key }) => SETTINGS_KEYS.includes(key));
  for (const { key, at } of strays) {
    decoder.problem(at, `"${key}" is a setting of the whole project: it belongs into the .mlops.yaml in its root.`);
  }
  const rest = { type: 'map', at: root?.at ?? 0, fields: given.filter((field) => !strays.includes(field)) } as const;
  const fields = decoder.fields(rest, file, known);
  const settings = decodeSettings(fields, decoder, 'refused');
  const settingsAreSound = decoder.problems.length === 0;

  const templated = fields.has('vars') || decodeText(content, file).text.includes('${');
  const variables = templated ? await readVariables(root, read, decoder) : NO_VARIABLES;
  const stages = expandStages(fields.get('stages'), variables, decoder).flatMap(
    (written) => decodeStage(written, decoder) ?? [],
  );
  return { file, folder, decoder, fields, stages, settings, settingsAreSound };
}
