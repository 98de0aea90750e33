import { availableParallelism } from 'node:os';
import { interruption, MlopsError } from '../../../core/errors.ts';
import type { StageOutcome, StageResult } from '../../../core/run.ts';
import type { Stage } from '../../../core/stage.ts';
import { fileError } from '../../../system/file-error.ts';
import { recordInHistory } from './record-run.ts';
import { failureOf, type ReproResult, type StageFailure } from '../request.ts';
import { runSchedule } from './schedule.ts';
import { forgetRemovedStages, type Session } from '../session.ts';
import { type Made, visitStage, type Visit } from '../decision/visit.ts';

/** Brings stages up to date, several at once where the request says so, and tells what became of each, in their order. */
export async function runAll(session: Session, stages: readonly Stage[]): Promise<ReproResult> {
  const { project, graph, run } = session;
  const started = { at: project.now(), clock: performance.now(), commit: project.git?.head() ?? null };
  const results = new Map<string, StageResult>();
  const errors = new Map<string, MlopsError>();
  const { resources } = project.config;

  await runSchedule({ stages, upstream: graph.upstream, jobs: jobsOf(session), resources }, async (stage, release) => {
    const from = performance.now();
    const made: Made = (outcome) => {
      session.outcomes.set(stage.name, outcome);
      release();
    };
    const visited = isBlocked(session, stage, errors.size > 0) ? BLOCKED : await attempt(session, stage, made);
    const { outcome, reasons, exitCode, error } = visited;
    session.outcomes.set(stage.name, outcome);
    const milliseconds = Math.round(performance.now() - from);
    results.set(stage.name, { stage: stage.name, outcome, reasons, milliseconds, exitCode });
    if (error !== null) errors.set(stage.name, error);
    project.report({ type: 'stage-finished', stage: stage.name, outcome, milliseconds });
  });

  if (!project.signal.aborted) await forgetRemovedStages(session);
  const all = stages.flatMap(({ name }) => results.get(name) ?? []);
  const failures = stages.flatMap((stage): StageFailure[] => {
    const error = errors.get(stage.name);
    return error === undefined ? [] : [failureOf(stage, error)];
  });
  const didSomething = session.begun.size > 0 || all.some(({ outcome }) => outcome === 'restored');
  if (didSomething) await recordInHistory(session, stages, started, all, failures);
  return { run: didSomething ? run : null, stages: all, failures, changedFiles: [...session.changedFiles].toSorted() };
}

const BLOCKED: Visit = { outcome: 'blocked', reasons: [], exitCode: null, error: null };

function jobsOf({ request, project }: Session): number {
  return request.jobs === true ? availableParallelism() : (request.jobs ?? project.config.jobs);
}

async function attempt(session: Session, stage: Stage, made: Made): Promise<Visit> {
  try {
    if (session.project.signal.aborted) throw interruption(session.project.signal.reason);
    return await visitStage(session, stage, made);
  } catch (thrown) {
    const error = fileError(thrown, `bring stage "${stage.name}" up to date`);
    if (!(error instanceof MlopsError)) throw error;
    return { outcome: 'failed', reasons: [], exitCode: null, error };
  }
}

function isBlocked({ project, request, graph, outcomes }: Session, stage: Stage, hasFailed: boolean): boolean {
  if (hasFailed && project.signal.aborted) return true;
  if (request.ignoreErrors) return false;
  if (hasFailed && !request.keepGoing) return true;
  // It stays as it is, whatever becomes of what it once read.
  if (stage.frozen) return false;
  return (graph.upstream.get(stage.name) ?? []).some((name) => BROKEN.has(outcomes.get(name)));
}

const BROKEN: ReadonlySet<StageOutcome | undefined> = new Set(['failed', 'blocked'] as const);
