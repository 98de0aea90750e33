import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Part } from '../../core/built-in/evaluate.ts';
import { MlopsError } from '../../core/errors.ts';
import { digestFile } from '../../system/hash.ts';
import { type DataFile, type DataSet, dataSetOf, readDataSet } from './data-set.ts';
import type { OpenModel } from './open-model.ts';
import { partsOf, readTrainingTable, recordParts } from './prepare.ts';

/**
 * The rows of a part of the data that a model was trained with: the very rows, or an error. The files must be those of
 * the training, and the split is made again and compared.
 */
export function heldOut(root: string, model: OpenModel, part: Part): DataSet {
  const { record, settings, input, name } = model;
  if (record.parts === null) {
    const file = record.data[part];
    if (file === null) throw noPart(name, part);
    checkSame(root, file, name);
    return readDataSet(root, file.file, input);
  }
  checkSame(root, record.data.train, name);
  const trainedWith = { ...settings, out: name, plots: null, metrics: null };
  const { table } = readTrainingTable(trainedWith, root);
  const parts = partsOf(trainedWith, table);
  if (recordParts(parts)[part].digest !== record.parts[part].digest) {
    throw new MlopsError('failed', `The split of ${table.file} is no longer the one that ${name} was trained with.`, {
      hint: 'Train it again: mlops repro, or mlops train',
    });
  }
  if (parts[part].length === 0) throw noPart(name, part);
  return dataSetOf(table, parts[part], input);
}

function checkSame(root: string, { file, digest }: DataFile, model: string): void {
  const path = join(root, file);
  if (!existsSync(path)) {
    throw new MlopsError('data-missing', `${file}, which ${model} was trained with, is not here.`, {
      hint: `mlops pull ${file}`,
    });
  }
  if (digestFile(path).digest === digest) return;
  throw new MlopsError(
    'invalid-data',
    `${file} has changed since ${model} was trained, so it is unknown which rows the model has seen.`,
    {
      hint: 'Train it again: mlops repro; or name a file of new rows as data.',
    },
  );
}

function noPart(model: string, part: Part): MlopsError {
  return new MlopsError('invalid-data', `${model} was trained without ${part} rows.`, {
    hint: 'Name a file of rows as data, or train with a split that leaves some.',
  });
}
