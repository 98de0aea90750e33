import type { FeatureSettings } from '../../core/built-in/features.ts';
import type { TrainSettings } from '../../core/built-in/train.ts';
import { MlopsError } from '../../core/errors.ts';
import type { ColumnType } from './csv/read-csv.ts';
import type { FittedColumn, Preprocess } from './features.ts';

/** The columns to read for training, with the type that each has to have. The target is read as text: its values are names. */
export function trainingColumns(
  settings: TrainSettings,
  header: readonly string[],
  file: string,
): Map<string, ColumnType> {
  const { features, target, data } = settings;
  const columns = new Map<string, ColumnType>();
  for (const { name, type } of featureColumns(features, target, header)) {
    if (name !== target) columns.set(name, type);
    else
      throw new MlopsError(
        'invalid-data',
        `The target "${target}" is among the features: the model would see the answer.`,
      );
  }
  if (columns.size === 0) {
    throw new MlopsError('invalid-data', `${file} has no column beside the target "${target}" to learn from.`);
  }
  if (features.type === 'image') checkPixels(features.image, columns.size, file);
  const by = data.split?.by;
  if (by !== null && by !== undefined && !columns.has(by)) columns.set(by, 'category');
  return columns.set(target, 'category');
}

/** The columns to read for a trained model, and its target when that is needed. */
export function modelColumns(preprocess: Preprocess, target: string | null): Map<string, ColumnType> {
  const inputs: [string, ColumnType][] =
    preprocess.type === 'image'
      ? preprocess.columns.map((name) => [name, 'number'])
      : preprocess.columns.map(({ name, type }: FittedColumn) => [name, type]);
  return new Map(target === null ? inputs : [...inputs, [target, 'category']]);
}

/** The names of the features, in the order in which the model sees them. */
export function featureNames(features: FeatureSettings, target: string, header: readonly string[]): string[] {
  return featureColumns(features, target, header).map(({ name }) => name);
}

function featureColumns(
  features: FeatureSettings,
  target: string,
  header: readonly string[],
): { name: string; type: ColumnType }[] {
  const others = header.filter((name) => name !== target);
  if (features.type === 'table') return features.columns?.slice() ?? others.map((name) => ({ name, type: 'auto' }));
  return (features.columns ?? others).map((name) => ({ name, type: 'number' }));
}

function checkPixels(image: readonly bigint[], columns: number, file: string): void {
  const pixels = image.reduce((size, side) => size * side, 1n);
  if (pixels === BigInt(columns)) return;
  throw new MlopsError(
    'invalid-data',
    `An image of ${image.join(' × ')} has ${pixels} values, but ${file} gives ${columns} columns.`,
    {
      hint: 'Correct features.image, or name the pixel columns: features: { image: [...], columns: [...] }',
    },
  );
}
