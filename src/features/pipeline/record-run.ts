import { isInterruption, MlopsError } from '../../core/errors.ts';
import type { Run, RunOutcome, StageResult } from '../../core/run.ts';
import type { Stage } from '../../core/stage.ts';
import { type Json, toJson } from '../../core/value.ts';
import type { StageFailure } from './request.ts';
import { readNumbers } from './run-metrics.ts';
import { lockedStage, type Session } from './session.ts';

interface Start {
  readonly at: Date;
  readonly clock: number;
  readonly commit: string | null;
}

/** Writes a run into the history. The history is an index for looking back: trouble with it is a warning, and no failure. */
export async function recordInHistory(
  session: Session,
  stages: readonly Stage[],
  start: Start,
  results: readonly StageResult[],
  failures: readonly StageFailure[],
): Promise<void> {
  const run: Run = {
    id: session.run,
    startedAt: start.at.toISOString(),
    milliseconds: Math.round(performance.now() - start.clock),
    commit: start.commit,
    dirty: (await session.prepare()).dirty,
    outcome: outcomeOf(failures),
    stages: results,
    params: paramsOf(session, stages),
    metrics: readNumbers(session.project.root, stages),
  };
  try {
    (await session.project.openRuns()).record(run);
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
    const message = `This run is not in the history: ${error.message}`;
    session.project.report({ type: 'warning', message, hint: error.hint });
  }
}

function outcomeOf(failures: readonly StageFailure[]): RunOutcome {
  if (failures.some(isInterruption)) return 'interrupted';
  return failures.length > 0 ? 'failed' : 'succeeded';
}

/** As recorded in the lockfile: a stage that failed has no params that led to anything. */
function paramsOf({ lockfile }: Session, stages: readonly Stage[]): Record<string, Json> {
  const entries = stages.flatMap((stage) =>
    Object.entries(lockedStage(lockfile, stage)?.params ?? {}).flatMap(([file, values]) =>
      Object.entries(values).map(([name, value]) => [`${file}:${name}`, toJson(value)] as const),
    ),
  );
  return Object.fromEntries(entries);
}
