import type { ValueMap } from '../value.ts';
import { type EvaluateSettings, readEvaluate } from './evaluate.ts';
import { type BuiltInProblem, MapReader } from './map-reader.ts';
import type { BuiltInOutput, BuiltInParts } from './parts.ts';
import { type PredictSettings, readPredict } from './predict.ts';
import { readTrain, type TrainSettings } from './train.ts';

/** The settings of each built-in stage, by the key it is written under. */
export interface BuiltInSettings {
  readonly train: TrainSettings;
  readonly evaluate: EvaluateSettings;
  readonly predict: PredictSettings;
}

/** The name of a built-in stage. */
export type BuiltIn = keyof BuiltInSettings;

/** A built-in stage as understood. With problems, the settings hold defaults in place of what was wrong: do not run them. */
export interface DecodedBuiltIn<Kind extends BuiltIn = BuiltIn> {
  readonly settings: BuiltInSettings[Kind];
  readonly problems: readonly BuiltInProblem[];
  /** Paths relative to the root. */
  readonly dependencies: readonly string[];
  readonly outputs: readonly BuiltInOutput[];
}

type Readers = { readonly [Kind in BuiltIn]: (reader: MapReader, wdir: string) => BuiltInParts<BuiltInSettings[Kind]> };

/** Every built-in stage. To add one, write its file and name it here. */
const readers: Readers = { train: readTrain, evaluate: readEvaluate, predict: readPredict };

/** The built-in stages by name. */
export const BUILT_INS: readonly BuiltIn[] = ['train', 'evaluate', 'predict'];

/**
 * Settings as written, `${…}` already replaced, with every default filled in. What comes out can be decoded again and stays as
 * it is. Paths start from `wdir`, itself relative to the root.
 */
export function decodeBuiltIn<Kind extends BuiltIn>(
  kind: Kind,
  raw: ValueMap,
  where: { readonly wdir: string } = { wdir: '.' },
): DecodedBuiltIn<Kind> {
  const problems: BuiltInProblem[] = [];
  const parts = readers[kind](new MapReader(raw, problems), where.wdir);
  return { ...parts, problems };
}
