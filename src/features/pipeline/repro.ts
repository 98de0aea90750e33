import { join } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import type { StageResult } from '../../core/run.ts';
import type { Stage } from '../../core/stage.ts';
import type { Project } from '../../project/project.ts';
import { fileError } from '../../system/file-error.ts';
import { writeFile } from '../../system/write-file.ts';
import { recoverRuns, sweepRun, withRunLease } from './journal.ts';
import { openSession } from './open-session.ts';
import { planStages } from './plan.ts';
import { recordInHistory } from './record-run.ts';
import { PLAIN_REPRO, type ReproRequest, type ReproResult, type StageFailure } from './request.ts';
import { interruption } from './run-stage.ts';
import type { Session } from './session.ts';
import { changeParams } from './set-params.ts';
import { visitStage, type Visit } from './visit.ts';

/** What a caller of `reproduce` needs to know. */
export type { ReproRequest, ReproResult } from './request.ts';

/** Runs what is out of date, in order, restoring what was run before; or, as a dry run, says what it would do. */
export async function reproduce(project: Project, asked: Partial<ReproRequest> = {}): Promise<ReproResult> {
  const request = { ...PLAIN_REPRO, ...asked };
  if (!request.dryRun) await recoverRuns(project);
  const texts = changeParams(project.root, request.setParams);
  const { session, stages } = await openSession(project, request, texts);
  if (request.dryRun) return dryRun(session, stages);
  for (const [file, text] of texts) {
    writeFile(join(project.root, file), text, project.layout.tmp);
    session.changedFiles.add(file);
  }
  return withRunLease(project, session.run, async () => {
    try {
      return await runAll(session, stages);
    } finally {
      sweepRun(project, session.run);
      session.files.save();
    }
  });
}

async function dryRun(session: Session, stages: readonly Stage[]): Promise<ReproResult> {
  const planned = await planStages(session, stages);
  if (planned.some(({ outcome }) => outcome !== 'up-to-date' && outcome !== 'frozen')) await session.prepare();
  const results = planned.map(({ stage, outcome, reasons }): StageResult => {
    return { stage: stage.name, outcome, reasons, milliseconds: 0, exitCode: null };
  });
  return { run: null, stages: results, failures: [], changedFiles: [] };
}

async function runAll(session: Session, stages: readonly Stage[]): Promise<ReproResult> {
  const { project, request, graph, run } = session;
  const started = { at: project.now(), clock: performance.now(), commit: project.git?.head() ?? null };
  const results = new Map<string, StageResult>();
  const failures: StageFailure[] = [];

  for (const stage of stages) {
    const from = performance.now();
    const isBlocked =
      (failures.length > 0 && (!request.keepGoing || project.signal.aborted)) ||
      (graph.upstream.get(stage.name) ?? []).some((name) => isBroken(results.get(name)));
    const visit = isBlocked ? BLOCKED : await attempt(session, stage);
    const { outcome, reasons, exitCode, error } = visit;
    const milliseconds = Math.round(performance.now() - from);
    results.set(stage.name, { stage: stage.name, outcome, reasons, milliseconds, exitCode });
    if (error !== null)
      failures.push({ stage: stage.name, kind: error.kind, message: error.message, hint: error.hint });
    project.report({ type: 'stage-finished', stage: stage.name, outcome, milliseconds });
  }

  const all = [...results.values()];
  const didSomething = all.some(({ outcome }) => outcome !== 'up-to-date' && outcome !== 'frozen');
  if (didSomething) await recordInHistory(session, stages, started, all, failures);
  return { run: didSomething ? run : null, stages: all, failures, changedFiles: [...session.changedFiles].toSorted() };
}

const BLOCKED: Visit = { outcome: 'blocked', reasons: [], exitCode: null, error: null };

async function attempt(session: Session, stage: Stage): Promise<Visit> {
  try {
    if (session.project.signal.aborted) throw interruption(session.project.signal, null);
    return await visitStage(session, stage);
  } catch (thrown) {
    const error = fileError(thrown, `bring stage "${stage.name}" up to date`);
    if (!(error instanceof MlopsError)) throw error;
    // An output that must not be written is a mistake in the pipeline, and no failure of the stage that came first.
    await session.prepare();
    return { outcome: 'failed', reasons: [], exitCode: null, error };
  }
}

function isBroken(result: StageResult | undefined): boolean {
  return result?.outcome === 'failed' || result?.outcome === 'blocked';
}
