import { MlopsError } from '../../core/errors.ts';
import type { Run, RunHost, RunOutcome, StageResult } from '../../core/run.ts';
import type { Json } from '../../core/value.ts';

/** A run as a row of the table. */
export function encodeRun(run: Run) {
  return {
    ...run,
    dirty: run.dirty ? 1 : 0,
    stages: JSON.stringify(run.stages),
    params: JSON.stringify(run.params),
    host: JSON.stringify(run.host),
    metrics: JSON.stringify(
      Object.fromEntries(Object.entries(run.metrics).map(([name, n]) => [name, encodeNumber(n)])),
    ),
  };
}

/** A row of the table as a run. Only this tool writes the table, so what does not look like it is damage. */
export function decodeRun(row: unknown, file: string): Run {
  if (typeof row !== 'object' || row === null) throw damaged(file);
  const column = (name: string): unknown => (name in row ? row[name as keyof typeof row] : undefined);
  const text = (name: string): string => {
    const value = column(name);
    if (typeof value !== 'string') throw damaged(file);
    return value;
  };
  const metrics = parse(text('metrics'), file) as Record<string, number | string>;
  const outcome = text('outcome');
  if (!isOutcome(outcome)) throw damaged(file);
  const commit = column('commit_id');
  return {
    id: text('id'),
    startedAt: text('started_at'),
    milliseconds: Number(column('milliseconds')),
    commit: typeof commit === 'string' ? commit : null,
    dirty: column('dirty') === 1,
    outcome,
    stages: parse(text('stages'), file) as readonly StageResult[],
    params: parse(text('params'), file) as Record<string, Json>,
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, n]) => [name, Number(n)])),
    host: parse(text('host'), file) as RunHost | null,
  };
}

// JSON has no NaN and no infinities; `Number` reads these texts back.
function encodeNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function isOutcome(text: string): text is RunOutcome {
  return text === 'succeeded' || text === 'failed' || text === 'interrupted';
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged(file);
  }
}

function damaged(file: string): MlopsError {
  return new MlopsError('damaged', `The history of runs in ${file} is damaged.`, {
    hint: 'mlops runs rebuild',
  });
}
