import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MlopsError, systemCode } from '../../../core/errors.ts';
import type { Stage } from '../../../core/stage.ts';
import { parseMetrics } from '../../metrics/formats/index.ts';

/** `metrics.json:accuracy` → number, of what the metrics outputs of some stages are now. What is no metrics file says nothing. */
export function readNumbers(root: string, stages: readonly Stage[]): Record<string, number> {
  const files = stages.flatMap(({ outputs }) =>
    outputs.filter(({ role }) => role === 'metrics').map(({ path }) => path),
  );
  const numbers = files.flatMap((file) =>
    Object.entries(numbersOf(root, file)).map(([name, value]) => [`${file}:${name}`, value] as const),
  );
  return Object.fromEntries(numbers);
}

function numbersOf(root: string, file: string): Readonly<Record<string, number>> {
  try {
    return parseMetrics(readFileSync(join(root, file)), file);
  } catch (error) {
    if (error instanceof MlopsError || ['ENOENT', 'EISDIR', 'ENOTDIR'].includes(systemCode(error) ?? '')) return {};
    throw error;
  }
}
