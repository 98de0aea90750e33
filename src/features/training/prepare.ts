import { join } from 'node:path';
import type { TrainSettings } from '../../core/built-in/train.ts';
import type { Digest } from '../../core/digest.ts';
import { digestOf } from '../../system/hash.ts';
import { featureNames, trainingColumns } from './choose-columns.ts';
import { readCsv } from './csv/read-csv.ts';
import type { Table } from './csv/table.ts';
import {
  columnOf,
  type DataFile,
  type DataSet,
  dataFile,
  dataSetOf,
  type ModelInput,
  readDataSet,
} from './data-set.ts';
import { fitColumn, type Preprocess } from './features.ts';
import { classesOf, labelledRows } from './labels.ts';
import { type Parts, splitRows } from './split.ts';

/** How many rows a part has, and which: a digest of their numbers. */
export interface PartRecord {
  readonly rows: number;
  readonly digest: Digest;
}

/** Everything that training needs, with what is written down of where it came from. */
export interface Prepared {
  readonly input: ModelInput;
  readonly train: DataSet;
  readonly validation: DataSet | null;
  readonly files: { readonly train: DataFile; readonly validation: DataFile | null; readonly test: DataFile | null };
  readonly parts: Readonly<Record<keyof Parts, PartRecord>> | null;
  /** Rows of the training file without a label, which were left out. */
  readonly unlabelled: number;
}

/** Reads the data of a training, splits it, and learns from the training rows how columns become numbers. */
export function prepare(settings: TrainSettings, root: string): Prepared {
  const { data, target } = settings;
  const { table, header } = readTrainingTable(settings, root);
  const labelled = labelledRows(columnOf(table, target), table);
  // Judged before the split, which a target that is no class would make fail for the wrong reason.
  classesOf(columnOf(table, target), labelled, table);
  const parts = data.split === null ? null : partsOf(settings, table);
  const rows = parts?.train ?? labelled;
  const input: ModelInput = {
    preprocess: fit(settings, table, { rows, header }),
    target,
    classes: classesOf(columnOf(table, target), rows, table),
  };
  const extra = (file: string | null) => (file === null ? null : readFile(root, file, input));
  const [validation, test] = [extra(data.validation), extra(data.test)];
  const validationRows = parts !== null && parts.validation.length > 0 ? parts.validation : null;
  return {
    input,
    train: dataSetOf(table, rows, input),
    validation: validationRows === null ? (validation?.set ?? null) : dataSetOf(table, validationRows, input),
    files: { train: dataFile(root, table), validation: validation?.file ?? null, test: test?.file ?? null },
    parts: parts === null ? null : recordParts(parts),
    unlabelled: table.rows - labelled.length,
  };
}

/** The training file, as training reads it. */
export function readTrainingTable(settings: TrainSettings, root: string): { table: Table; header: readonly string[] } {
  const file = settings.data.train;
  let header: readonly string[] = [];
  const table = readCsv({
    path: join(root, file),
    file,
    choose(names) {
      header = names;
      return trainingColumns(settings, names, file);
    },
  });
  return { table, header };
}

/** The parts that a training's own split makes of its file; the same every time. */
export function partsOf({ data, target }: TrainSettings, table: Table): Parts {
  const rows = labelledRows(columnOf(table, target), table);
  if (data.split === null) return { train: rows, validation: new Uint32Array(), test: new Uint32Array() };
  return splitRows(rows, data.split, columnOf(table, data.split.by ?? target));
}

/** What is written down of parts. */
export function recordParts(parts: Parts): Record<keyof Parts, PartRecord> {
  const record = (rows: Uint32Array) => ({ rows: rows.length, digest: digestOf(rows.join('\n')) });
  return { train: record(parts.train), validation: record(parts.validation), test: record(parts.test) };
}

function fit(
  { features, target }: TrainSettings,
  table: Table,
  { rows, header }: { rows: Uint32Array; header: readonly string[] },
): Preprocess {
  const names = featureNames(features, target, header);
  if (features.type === 'image') {
    const [height, width, channels] = features.image;
    return {
      type: 'image',
      shape: [Number(height), Number(width), Number(channels)],
      columns: names,
      scale: features.scale,
    };
  }
  const scaleOf = new Map(features.columns?.map(({ name, scale }) => [name, scale]));
  const columns = names.map((name) =>
    fitColumn(columnOf(table, name), rows, { scale: scaleOf.get(name) ?? 'zscore', file: table.file }),
  );
  return { type: 'table', columns };
}

function readFile(root: string, file: string, input: ModelInput): { set: DataSet; file: DataFile } {
  const set = readDataSet(root, file, input);
  return { set, file: dataFile(root, { file, rows: set.rows, columns: [], lines: new Uint32Array() }) };
}
