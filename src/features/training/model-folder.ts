import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { TrainSettings } from '../../core/built-in/train.ts';
import { MlopsError } from '../../core/errors.ts';
import { toJson } from '../../core/value.ts';
import { digestOf } from '../../system/hash.ts';
import type { ModelFiles } from '../../system/tfjs/model-files.ts';
import { writeFile } from '../../system/write-file.ts';
import type { DataFile, ModelInput } from './data-set.ts';
import type { Preprocess } from './features.ts';
import type { Prepared } from './prepare.ts';

/** Raised when a model folder changes in a way that older versions cannot read. */
export const MODEL_VERSION = 1;

/** `signature.json`: what goes in and what comes out, in the words of the data. */
export interface Signature {
  readonly version: number;
  readonly task: 'classification';
  readonly inputs: readonly { readonly name: string; readonly type: 'number' | 'category' }[];
  readonly target: string;
  readonly classes: readonly string[];
}

/** The part of the settings that the weights depend on: all but where things are written. */
export type TrainedWith = Omit<TrainSettings, 'out' | 'plots' | 'metrics'>;

/** What `training.json` says beside the settings: where the model came from. There is no time and no machine in it. */
export interface TrainingRecord {
  readonly engine: string;
  readonly random: string;
  readonly initialiser: string;
  readonly data: { readonly train: DataFile; readonly validation: DataFile | null; readonly test: DataFile | null };
  readonly parts: Prepared['parts'];
  readonly unlabelled: number;
  readonly parameters: number;
  readonly epochs: number;
  readonly keptEpoch: number;
  readonly stoppedEarly: boolean;
  readonly metrics: Readonly<Record<string, number>>;
}

/** All that makes up a model folder. */
export interface TrainedModel {
  readonly files: ModelFiles;
  readonly input: ModelInput;
  readonly settings: TrainedWith;
  readonly record: TrainingRecord;
}

/** The file of a model folder that names and pins all others. */
export const TRAINING_FILE = 'training.json';

/**
 * Writes a model folder whole or not at all: it is made beside its place and put there by a rename. The same model gives
 * the same bytes.
 */
export function writeModelFolder(path: string, model: TrainedModel, options: { replace: boolean; name: string }): void {
  if (existsSync(path) && !options.replace) {
    throw new MlopsError('refused', `${options.name} is already there.`, {
      hint: 'Say --force to replace it, or name another folder with --out.',
    });
  }
  const making = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    mkdirSync(making, { recursive: true });
    for (const [name, content] of folderFiles(model)) writeFile(join(making, name), content, making);
    rmSync(path, { recursive: true, force: true });
    renameSync(making, path);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

function folderFiles({ files, input, settings, record }: TrainedModel): [name: string, content: string | Uint8Array][] {
  const contents: [string, string | Uint8Array][] = [
    ['model.json', files.modelJson],
    ['weights.bin', files.weights],
    ['preprocess.json', encode({ version: MODEL_VERSION, ...input.preprocess })],
    ['signature.json', encode(signatureOf(input))],
  ];
  const digests = Object.fromEntries(contents.map(([name, content]) => [name, digestOf(content)]));
  const training = { version: MODEL_VERSION, files: digests, settings: toJson(settings), ...record };
  return [...contents, [TRAINING_FILE, encode(training)]];
}

function signatureOf({ preprocess, target, classes }: ModelInput): Signature {
  return { version: MODEL_VERSION, task: 'classification', inputs: inputsOf(preprocess), target, classes };
}

function inputsOf(preprocess: Preprocess): Signature['inputs'] {
  if (preprocess.type === 'image') return preprocess.columns.map((name) => ({ name, type: 'number' }));
  return preprocess.columns.map(({ name, type }) => ({ name, type }));
}

function encode(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
