import { mkdirSync } from 'node:fs';
import { arch, availableParallelism, platform, totalmem } from 'node:os';
import { version as nodeVersion } from 'node:process';
import { isInterruption, MlopsError } from '../../../core/errors.ts';
import type { LockedStage } from '../../../core/lockfile.ts';
import type { Run, RunHost, RunOutcome, StageOutcome, StageResult } from '../../../core/run.ts';
import type { Stage } from '../../../core/stage.ts';
import { type Json, leavesOf, toJson, type Value } from '../../../core/value.ts';
import type { StageFailure } from '../request.ts';
import { readNumbers } from './run-metrics.ts';
import { lockedStage, type Session } from '../session.ts';
import { writeRecord } from '../../../stores/runs/records.ts';

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
    params: paramsOf(session, stages, results),
    metrics: readNumbers(session.project.root, stages),
    host: thisHost(),
  };
  try {
    keepRecord(session.project, run);
    (await session.project.openRuns()).record(run);
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
    const message = `This run is not in the history: ${error.message}`;
    session.project.report({ type: 'warning', message, hint: error.hint });
  }
}

function keepRecord({ layout }: Session['project'], run: Run): void {
  mkdirSync(layout.runs, { recursive: true });
  writeRecord(layout.runs, run, layout.tmp);
}

function thisHost(): RunHost {
  return { platform: platform(), arch: arch(), node: nodeVersion, cpus: availableParallelism(), memory: totalmem() };
}

function outcomeOf(failures: readonly StageFailure[]): RunOutcome {
  if (failures.some(isInterruption)) return 'interrupted';
  return failures.length > 0 ? 'failed' : 'succeeded';
}

/** By file and dotted name. A stage that failed has no params that led to anything. */
function paramsOf(
  { lockfile }: Session,
  stages: readonly Stage[],
  results: readonly StageResult[],
): Record<string, Json> {
  const broken = new Set(results.filter(({ outcome }) => BROKEN.has(outcome)).map(({ stage }) => stage));
  const values = stages
    .filter(({ name }) => !broken.has(name))
    .flatMap((stage) => [...Object.entries(stage.filledIn), ...selectedParams(lockedStage(lockfile, stage))]);
  return Object.fromEntries(values.map(([name, value]) => [name, toJson(value)]));
}

const BROKEN: ReadonlySet<StageOutcome> = new Set(['failed', 'blocked'] as const);

/** As the lockfile records them; of a whole file or mapping, each value in it. */
function selectedParams(locked: LockedStage | undefined): [name: string, value: Value][] {
  return Object.entries(locked?.params ?? {}).flatMap(([file, values]) =>
    Object.entries(values)
      .flatMap(([name, value]) => leavesOf(value, name === '*' ? '' : name))
      .map(([name, value]): [string, Value] => [`${file}:${name}`, value]),
  );
}
