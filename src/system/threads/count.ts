import { availableParallelism } from 'node:os';
import { MlopsError } from '../../core/errors.ts';

/** How many threads may work at a time: as many as there are processors, eight at most, unless the environment says. */
export function threadsOf({ MLOPS_WORKERS: text }: Readonly<Record<string, string | undefined>>): number {
  if (text === undefined || text === '') return (usual ??= Math.min(availableParallelism(), 8));
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new MlopsError(
    'usage',
    `The environment variable MLOPS_WORKERS is ${JSON.stringify(text)}, not a count from 1 to 999.`,
  );
}

let usual: number | undefined;
