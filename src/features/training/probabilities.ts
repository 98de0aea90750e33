import type { Network } from '../../system/tfjs/network.ts';
import type { DataSet } from './data-set.ts';

const ROWS_AT_ONCE = 256;

/** Log probabilities of each class, row after row, in double precision. */
export function logProbabilities(network: Network, { rows, values }: Pick<DataSet, 'rows' | 'values'>): Float64Array {
  const { classes } = network;
  const width = rows === 0 ? 0 : values.length / rows;
  const output = new Float64Array(rows * classes);
  for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
    const end = Math.min(rows, start + ROWS_AT_ONCE);
    const logits = network.logits({ rows: end - start, values: values.subarray(start * width, end * width) });
    for (let row = 0; row < end - start; row++) {
      output.set(logSoftmax(logits.subarray(row * classes, (row + 1) * classes)), (start + row) * classes);
    }
  }
  return output;
}

/** The most likely class of each row; of equals, the first. */
export function likeliest(logs: Float64Array, classes: number): Int32Array {
  return Int32Array.from({ length: logs.length / classes }, (_, row) => {
    let best = 0;
    for (let at = 1; at < classes; at++) {
      if ((logs[row * classes + at] ?? 0) > (logs[row * classes + best] ?? 0)) best = at;
    }
    return best;
  });
}

function logSoftmax(logits: Float32Array): Float64Array {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  const shift = largest + Math.log(sum);
  return Float64Array.from(logits, (logit) => logit - shift);
}
