import { join } from 'node:path';
import type { ResolvedBackend } from '../../core/built-in/parts.ts';
import type { PredictSettings } from '../../core/built-in/predict.ts';
import { modelColumns } from './choose-columns.ts';
import { readCsv } from './csv/read-csv.ts';
import { csvField } from './csv/write-csv.ts';
import { encodeRows } from './features.ts';
import type { JobContext } from './job-context.ts';
import { openModel } from './open-model.ts';
import { likeliest, logProbabilities } from './probabilities.ts';
import type { PredictResult } from './results.ts';
import { writeReport } from './write-report.ts';

// A float has seven digits, and the last of them is rounding.
const DIGITS = 6;

/** Predicts the class of every row of a file, in the order of the file, with the probability of each class. */
export async function predict(
  settings: PredictSettings,
  backend: ResolvedBackend,
  { root }: JobContext,
): Promise<PredictResult> {
  const { data, out } = settings;
  const model = openModel(root, settings.model);
  const { preprocess, classes } = model.input;
  const table = readCsv({ path: join(root, data), file: data, choose: () => modelColumns(preprocess, null) });
  const rows = Uint32Array.from({ length: table.rows }, (_, row) => row);
  const network = await model.network(backend);
  const logs = logProbabilities(network, { rows: table.rows, values: encodeRows(preprocess, table, rows) });
  const predictions = [...likeliest(logs, classes.length)].map((best, row) => ({
    prediction: classes[best] ?? '',
    probabilities: classes.map((_, at) => Number(Math.exp(logs[row * classes.length + at] ?? NaN).toPrecision(DIGITS))),
  }));
  writeReport(root, out, out.endsWith('.jsonl') ? jsonLines(predictions, classes) : csv(predictions, classes));
  return { out, model: settings.model, backend, rows: table.rows };
}

interface Prediction {
  readonly prediction: string;
  readonly probabilities: readonly number[];
}

function jsonLines(predictions: readonly Prediction[], classes: readonly string[]): string {
  const lines = predictions.map(({ prediction, probabilities }) =>
    JSON.stringify({
      prediction,
      probabilities: Object.fromEntries(classes.map((name, at) => [name, probabilities[at]])),
    }),
  );
  return [...lines, ''].join('\n');
}

function csv(predictions: readonly Prediction[], classes: readonly string[]): string {
  const header = ['prediction', ...classes.map((name) => `probability_${name}`)].map(csvField).join(',');
  const lines = predictions.map(({ prediction, probabilities }) => [csvField(prediction), ...probabilities].join(','));
  return [header, ...lines, ''].join('\n');
}
