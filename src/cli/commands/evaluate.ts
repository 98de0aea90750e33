import type { ByHandResult } from '../../features/training/by-hand.ts';
import type { Command } from '../command.ts';
import { formatCount, formatValue } from '../output/format.ts';
import { renderTable } from '../output/table.ts';
import {
  asText,
  asTexts,
  BY_HAND_OPTIONS,
  byHand,
  type ByHandOptions,
  optionsOf,
  type SettingFlag,
} from '../training-options.ts';

const FLAGS: readonly SettingFlag[] = [
  ['--model <folder>', 'the model folder', asText, 'model'],
  ['--data <rows>', 'a CSV file; or test, validation, train: rows of the training; test by default', asText, 'data'],
  ['--metrics <names>', 'accuracy,balanced_accuracy,f1,precision,recall,log_loss', asTexts, 'metrics'],
  ['--out <file>', 'a file for the metrics', asText, 'out'],
  ['--backend <name>', 'auto, cpu, wasm or tensorflow', asText, 'backend'],
];

/** `mlops evaluate`. */
export const evaluate: Command<ByHandOptions, ByHandResult<'evaluate'>> = {
  name: 'evaluate',
  description: 'By hand, and recorded nowhere. As a stage of a pipeline it is an `evaluate:` in .mlops.yaml.',
  options: [...optionsOf(FLAGS), ...BY_HAND_OPTIONS],
  examples: [
    'mlops evaluate --model models/penguins',
    'mlops evaluate --model models/penguins --data new.csv --out new.json',
  ],

  run: byHand('evaluate', FLAGS),

  render({ result: { out, model, rows, metrics } }, style) {
    const values = Object.entries(metrics).map(([name, value]) => [name, formatValue(value)]);
    const written = out === null ? '' : `; written to ${style.path(out)}`;
    const line = `${style.good('Evaluated')} ${style.path(model)} on ${formatCount(rows, 'row')}${written}.`;
    return `${line}\n${renderTable(['metric', 'value'], values, style)}`;
  },
};
