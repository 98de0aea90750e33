import type { ByHandResult } from '../../features/training/by-hand.ts';
import type { Command } from '../command.ts';
import { formatCount, formatValue } from '../output/format.ts';
import {
  asCount,
  asCounts,
  asIndex,
  asNumber,
  asText,
  asTexts,
  BY_HAND_OPTIONS,
  byHand,
  type ByHandOptions,
  optionsOf,
  type SettingFlag,
} from '../training-options.ts';

const FLAGS: readonly SettingFlag[] = [
  ['--data <file>', 'CSV file with the rows', asText, 'data.train'],
  ['--target <column>', 'what to predict', asText, 'target'],
  ['--out <folder>', 'the model folder to write', asText, 'out'],
  ['--features <columns>', 'only these columns: a,b,c', asTexts, 'features'],
  ['--image <h,w,c>', 'rows are images of this height, width and channels', asCounts, 'features.image'],
  ['--pixel-scale <number>', 'what pixels are divided by; 255 by default', asNumber, 'features.scale'],
  ['--model <type>', 'mlp or cnn', asText, 'model.type'],
  ['--hidden <widths>', 'hidden layers: 32,16', asCounts, 'model.hidden'],
  ['--dropout <share>', 'of values dropped after each hidden layer', asNumber, 'model.dropout'],
  ['--epochs <count>', 'passes over the rows; 100 by default', asCount, 'fit.epochs'],
  ['--batch-size <count>', 'rows in a step; 32 by default', asCount, 'fit.batch_size'],
  ['--optimizer <type>', 'adam or sgd', asText, 'fit.optimizer.type'],
  ['--lr <number>', 'learning rate', asNumber, 'fit.optimizer.lr'],
  [
    '--patience <epochs>',
    'stop after so many epochs without a better val_loss',
    asCount,
    'fit.early_stopping.patience',
  ],
  ['--seed <number>', 'same seed, same weights; 42 by default', asIndex, 'seed'],
  ['--plots <folder>', 'a folder for the learning curve', asText, 'plots'],
  ['--backend <name>', 'auto, cpu, wasm or tensorflow', asText, 'backend'],
];

/** `mlops train`. */
export const train: Command<ByHandOptions, ByHandResult<'train'>> = {
  name: 'train',
  description: 'By hand, and recorded nowhere. As a stage of a pipeline it is a `train:` in .mlops.yaml.',
  options: [...optionsOf(FLAGS), ...BY_HAND_OPTIONS],
  examples: [
    'mlops train --data penguins.csv --target species --out models/penguins',
    'mlops train --data digits.csv --target digit --model cnn --image 8,8,1 --pixel-scale 16 --out models/digits',
    'mlops train --config train.yaml --seed 7',
  ],

  run: byHand('train', FLAGS),

  render({ result: { out, backend, rows, epochs, keptEpoch, metrics } }, style) {
    const values = Object.entries(metrics).map(([name, value]) => `${name} ${formatValue(value, 4)}`);
    return [
      `${style.good('Trained')} ${style.path(out)} on ${formatCount(rows, 'row')} (${backend}, epoch ${keptEpoch} of ${epochs}).`,
      `  ${values.join(', ')}`,
    ].join('\n');
  },
};
