import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runBuiltIn } from '../../../src/features/training/run-built-in.ts';
import { findNative } from '../../../src/system/tfjs/native.ts';
import { digits } from '../../features/training/jobs.ts';

// A project that has @tensorflow/tfjs-node with its addon; named by whoever runs the tests, since it takes 1 GB.
const project = process.env['MLOPS_TEST_TFJS_NODE'] ?? process.cwd();
const isThere = findNative(project)?.hasAddon === true;
const reason = isThere ? '' : ' [skipped: MLOPS_TEST_TFJS_NODE names no project with @tensorflow/tfjs-node]';

test.skipIf(!isThere)(
  `on the project's tfjs-node, training is as good as on wasm, and repeatable${reason}`,
  async () => {
    const data = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'digits', 'digits.csv');
    copyFileSync(data, join(project, 'digits.csv'));
    const signal = new AbortController().signal;
    const context = { root: project, stage: 'train', env: process.env, report: () => undefined, signal };
    const once = await runBuiltIn('train', digits({ backend: 'tensorflow', fit: { epochs: 3n } }), context);
    const again = await runBuiltIn('train', digits({ backend: 'tensorflow', fit: { epochs: 3n } }), context);
    const wasm = await runBuiltIn('train', digits({ backend: 'wasm', fit: { epochs: 3n }, out: 'm' }), context);
    expect(once).toMatchObject({ exitCode: 0, error: null, result: { backend: 'tensorflow' } });
    expect(again.result).toEqual(once.result);
    expect(lossOf(once.result)).toBeCloseTo(lossOf(wasm.result), 4);
  },
);

function lossOf(result: unknown): number {
  return (result as { metrics: { loss: number } }).metrics.loss;
}
