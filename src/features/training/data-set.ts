import { join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { digestFile } from '../../system/hash.ts';
import type { Column, Table } from './csv/table.ts';
import { modelColumns } from './choose-columns.ts';
import { noColumn, readCsv } from './csv/read-csv.ts';
import { encodeRows, type Preprocess } from './features.ts';
import { labelledRows, labelsOf } from './labels.ts';

/** Rows as the model sees them, with the class of each. */
export interface DataSet {
  readonly rows: number;
  readonly values: Float32Array;
  readonly labels: Int32Array;
}

/** A data file by name and content. */
export interface DataFile {
  readonly file: string;
  readonly digest: Digest;
  readonly rows: number;
}

/** What a model needs to know to read rows. */
export interface ModelInput {
  readonly preprocess: Preprocess;
  readonly target: string;
  readonly classes: readonly string[];
}

/** Some rows of a table as the model sees them. */
export function dataSetOf(table: Table, rows: Uint32Array, { preprocess, target, classes }: ModelInput): DataSet {
  const labels = labelsOf(columnOf(table, target), rows, { classes, table });
  return { rows: rows.length, values: encodeRows(preprocess, table, rows), labels };
}

/** All labelled rows of a file as a trained model sees them. */
export function readDataSet(root: string, file: string, model: ModelInput): DataSet {
  const table = readCsv({ path: join(root, file), file, choose: () => modelColumns(model.preprocess, model.target) });
  return dataSetOf(table, labelledRows(columnOf(table, model.target), table), model);
}

/** What a file is now. */
export function dataFile(root: string, table: Table): DataFile {
  return { file: table.file, digest: digestFile(join(root, table.file)).digest, rows: table.rows };
}

/** A column of a table by name. */
export function columnOf(table: Table, name: string): Column {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw noColumn(name, { file: table.file, header: table.columns.map((c) => c.name) });
  return column;
}
