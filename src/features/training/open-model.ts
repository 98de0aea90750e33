import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBuiltIn } from '../../core/built-in/index.ts';
import type { ResolvedBackend } from '../../core/built-in/parts.ts';
import { MlopsError, systemCode } from '../../core/errors.ts';
import { fromJson, isMap, type Json } from '../../core/value.ts';
import { digestOf } from '../../system/hash.ts';
import { type Network, openNetwork } from '../../system/tfjs/network.ts';
import type { ModelInput } from './data-set.ts';
import type { Preprocess } from './features.ts';
import { MODEL_VERSION, type Signature, TRAINING_FILE, type TrainedWith, type TrainingRecord } from './model-folder.ts';

/** A model folder that was read and found whole. */
export interface OpenModel {
  /** As the user names it. */
  readonly name: string;
  readonly input: ModelInput;
  readonly settings: TrainedWith;
  readonly record: TrainingRecord;
  /** Loads the network onto a backend. */
  readonly network: (backend: ResolvedBackend) => Promise<Network>;
}

/** Reads a model folder and checks every file against what `training.json` says of it. */
export function openModel(root: string, name: string): OpenModel {
  const read = (file: string) => readPart(join(root, name), name, file);
  const training = parse(read(TRAINING_FILE), name, TRAINING_FILE) as TrainingRecord & TrainingFile;
  checkVersion(training, name, TRAINING_FILE);
  if (typeof training.files !== 'object' || training.files === null)
    throw damaged(name, `${TRAINING_FILE} names no files`);

  const verified = (file: string) => {
    const bytes = read(file);
    if (digestOf(bytes) !== training.files[file]) throw damaged(name, `${file} is not what ${TRAINING_FILE} says`);
    return bytes;
  };
  // What is cast here has the very bytes that were once written from these types.
  const signature = parse(verified('signature.json'), name, 'signature.json') as Signature;
  const preprocess = parse(verified('preprocess.json'), name, 'preprocess.json') as Preprocess;
  const files = { modelJson: verified('model.json').toString(), weights: verified('weights.bin') };
  return {
    name,
    input: { preprocess, target: signature.target, classes: signature.classes },
    settings: settingsOf(training, name),
    record: training,
    network: async (backend) => {
      try {
        return await openNetwork(files, backend, root);
      } catch (error) {
        if (error instanceof MlopsError) throw error;
        throw damaged(name, error instanceof Error ? error.message : String(error));
      }
    },
  };
}

interface TrainingFile {
  readonly version: number;
  readonly files: Readonly<Record<string, string>>;
  readonly settings: Json;
}

function settingsOf({ settings }: TrainingFile, name: string): TrainedWith {
  const raw = fromJson(settings ?? null);
  const decoded = decodeBuiltIn('train', isMap(raw) ? { ...raw, out: name } : {});
  const [problem] = decoded.problems;
  if (problem !== undefined) throw damaged(name, `the settings in ${TRAINING_FILE} are wrong: ${problem.message}`);
  return decoded.settings;
}

function readPart(folder: string, name: string, file: string): Buffer {
  try {
    return readFileSync(join(folder, file));
  } catch (error) {
    if (!existsSync(folder)) {
      throw new MlopsError('data-missing', `There is no model in ${name}.`, {
        hint: `mlops pull ${name}, or train it: mlops repro`,
        cause: error,
      });
    }
    throw damaged(name, systemCode(error) === 'ENOENT' ? `${file} is missing` : `${file} cannot be read`);
  }
}

function parse(bytes: Buffer, name: string, file: string): object {
  try {
    const json: unknown = JSON.parse(bytes.toString());
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  } catch {
    // Told below.
  }
  throw damaged(name, `${file} is not JSON`);
}

function checkVersion({ version }: TrainingFile, name: string, file: string): void {
  if (version === MODEL_VERSION) return;
  if (typeof version !== 'number') throw damaged(name, `${file} has no version`);
  throw new MlopsError(
    'invalid-data',
    `The model in ${name} has format ${version}; this mlops reads up to ${MODEL_VERSION}.`,
    {
      hint: 'Update mlops: npm install -g mlops@latest',
    },
  );
}

function damaged(name: string, why: string): MlopsError {
  return new MlopsError('invalid-data', `The model in ${name} is damaged: ${why}.`, {
    hint: `Get it back: mlops checkout --force ${name}; or train it again: mlops repro`,
  });
}
