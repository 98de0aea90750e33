import type { ByHandResult } from '../../features/training/by-hand.ts';
import type { Command } from '../command.ts';
import { formatCount } from '../output/format.ts';
import {
  asText,
  BY_HAND_OPTIONS,
  byHand,
  type ByHandOptions,
  optionsOf,
  type SettingFlag,
} from '../training-options.ts';

const FLAGS: readonly SettingFlag[] = [
  ['--model <folder>', 'the model folder', asText, 'model'],
  ['--data <file>', 'a CSV file with the columns that the model was trained on', asText, 'data'],
  ['--out <file>', 'a .csv or .jsonl file; predictions.csv by default', asText, 'out'],
  ['--backend <name>', 'auto, cpu, wasm or tensorflow', asText, 'backend'],
];

/** `mlops predict`. */
export const predict: Command<ByHandOptions, ByHandResult<'predict'>> = {
  name: 'predict',
  description: 'By hand, and recorded nowhere. As a stage of a pipeline it is a `predict:` in .mlops.yaml.',
  options: [...optionsOf(FLAGS), ...BY_HAND_OPTIONS],
  examples: ['mlops predict --model models/penguins --data new.csv --out predictions.csv'],

  run: byHand('predict', FLAGS),

  render: ({ result: { out, rows } }, style) =>
    `${style.good('Predicted')} ${formatCount(rows, 'row')}; written to ${style.path(out)}.`,
};
