import type { EvaluateSettings } from '../../core/built-in/evaluate.ts';
import type { ResolvedBackend } from '../../core/built-in/parts.ts';
import { classMetrics } from './class-metrics.ts';
import { csvField } from './csv/write-csv.ts';
import { readDataSet } from './data-set.ts';
import { heldOut } from './held-out.ts';
import type { JobContext } from './job-context.ts';
import { openModel } from './open-model.ts';
import { likeliest, logProbabilities } from './probabilities.ts';
import type { EvaluateResult } from './results.ts';
import { roundMeasure } from './rounding.ts';
import { writeReport } from './write-report.ts';

/** Measures a model on rows with labels and writes the metrics and the confusion plot. */
export async function evaluate(
  settings: EvaluateSettings,
  backend: ResolvedBackend,
  { root }: JobContext,
): Promise<EvaluateResult> {
  const { data, metrics: wanted, out, plots } = settings;
  const model = openModel(root, settings.model);
  const { classes } = model.input;
  const rows = 'file' in data ? readDataSet(root, data.file, model.input) : heldOut(root, model, data.part);
  const network = await model.network(backend);
  const logs = logProbabilities(network, rows);
  const predicted = likeliest(logs, classes.length);
  const judgement = { classes: classes.length, actual: rows.labels, predicted, logs };
  const measured = Object.entries(classMetrics(judgement, wanted));
  const metrics = Object.fromEntries(measured.map(([name, value]) => [name, roundMeasure(value)]));

  if (out !== null) writeReport(root, out, `${JSON.stringify(metrics, null, 2)}\n`);
  if (plots !== null) writeReport(root, `${plots}/confusion.csv`, confusionOf(rows.labels, predicted, classes));
  return { out, model: settings.model, backend, rows: rows.rows, metrics };
}

/** One line for each row: a plot of it counts the pairs. */
function confusionOf(actual: Int32Array, predicted: Int32Array, classes: readonly string[]): string {
  const names = classes.map(csvField);
  const lines = Array.from(actual, (label, row) => `${names[label] ?? ''},${names[predicted[row] ?? -1] ?? ''}`);
  return ['actual,predicted', ...lines, ''].join('\n');
}
