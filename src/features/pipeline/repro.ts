import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import type { StageResult } from '../../core/run.ts';
import type { Stage } from '../../core/stage.ts';
import type { Project } from '../../project/project.ts';
import { writeFile } from '../../system/write-file.ts';
import { buildGraph, orderStages } from './graph.ts';
import { recoverRuns, sweepRun, withRunLease } from './journal.ts';
import { checkOutputsOnDisk, checkPaths } from './laws.ts';
import { planStages } from './plan.ts';
import { recordInHistory } from './record-run.ts';
import { PLAIN_REPRO, type ReproRequest, type ReproResult, type StageFailure } from './request.ts';
import { interruption } from './run-stage.ts';
import type { Session } from './session.ts';
import { changeParams, pipelineWith } from './set-params.ts';
import { stagesOfTargets } from './targets.ts';
import { visitStage, type Visit } from './visit.ts';
import { openFiles } from './workspace.ts';

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
  await checkOutputsOnDisk(project, stages);
  return withRunLease(project, session.run, async () => {
    try {
      return await runAll(session, stages);
    } finally {
      sweepRun(project, session.run);
      session.files.save();
    }
  });
}

/** The stages that a request is about, with what they share. `texts` stand in for files that are changed first. */
export async function openSession(
  project: Project,
  request: ReproRequest,
  texts: ReadonlyMap<string, string> = new Map(),
): Promise<{ session: Session; stages: Stage[] }> {
  const pipeline = await pipelineWith(project, texts);
  const lockfile = project.readLockfile();
  checkPaths(pipeline.stages, lockfile);
  const graph = buildGraph(pipeline);
  const stages = orderStages(graph, stagesOfTargets(graph.stages, request.targets, project), request);
  const files = await openFiles(project, request.dryRun ? texts : new Map());
  const run = runId(project.now());
  return { session: { project, files, graph, request, run, lockfile, changedFiles: new Set() }, stages };
}

async function dryRun(session: Session, stages: readonly Stage[]): Promise<ReproResult> {
  const planned = await planStages(session, stages);
  const results = planned.map(({ stage, outcome, reasons }): StageResult => {
    return { stage: stage.name, outcome, reasons, milliseconds: 0, exitCode: null };
  });
  return { run: null, stages: results, failures: [], changedFiles: [] };
}

async function runAll(session: Session, stages: readonly Stage[]): Promise<ReproResult> {
  const { project, request, graph, run } = session;
  const started = { at: project.now(), clock: performance.now(), commit: project.git?.head() ?? null };
  const dirty = (await project.git?.isDirty()) ?? false;
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
  if (didSomething) await recordInHistory(session, stages, { ...started, dirty }, all, failures);
  return { run: didSomething ? run : null, stages: all, failures, changedFiles: [...session.changedFiles].toSorted() };
}

const BLOCKED: Visit = { outcome: 'blocked', reasons: [], exitCode: null, error: null };

async function attempt(session: Session, stage: Stage): Promise<Visit> {
  try {
    if (session.project.signal.aborted) throw interruption(session.project.signal, null);
    return await visitStage(session, stage);
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
    return { outcome: 'failed', reasons: [], exitCode: null, error };
  }
}

function isBroken(result: StageResult | undefined): boolean {
  return result?.outcome === 'failed' || result?.outcome === 'blocked';
}

/** Sorts by start: `20301231T235959Z-1a2b3c`. */
function runId(now: Date): string {
  return `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;
}
