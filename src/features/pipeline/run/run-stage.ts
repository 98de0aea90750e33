import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { interruption, MlopsError } from '../../../core/errors.ts';
import type { LockedPath, LockedStage } from '../../../core/lockfile.ts';
import type { StaleReason } from '../../../core/run.ts';
import type { Stage } from '../../../core/stage.ts';
import { toJson } from '../../../core/value.ts';
import { fileError } from '../../../system/file-error.ts';
import { sameContent, type Snapshot } from '../decision/decide.ts';
import { fingerprintOf, isCacheable } from '../decision/fingerprint.ts';
import { type Aside, moveAside } from './journal.ts';
import { ownPersisted } from './own-persisted.ts';
import { isKeptInCache, protectOutputs } from './protect.ts';
import { recordRun } from './run-cache.ts';
import { failedExit, notMade, tooLate } from './stage-errors.ts';
import { openStageLog } from './stage-log.ts';
import { RUNNERS } from '../runners/index.ts';
import type { RunExit } from '../runners/runner.ts';
import type { Session } from '../session.ts';
import { lockedStageOf, takeSnapshot } from '../decision/snapshot.ts';

/** How running a stage ended: with what to record, or with an error and the previous outputs back in place. */
export type StageEnd =
  | {
      readonly type: 'done';
      readonly locked: LockedStage;
      readonly exitCode: number | null;
      /** Puts what it wrote into the cache and lets go of the previous outputs; if that fails, they come back. */
      keep(): Promise<void>;
    }
  | {
      readonly type: 'failed';
      readonly error: MlopsError;
      readonly exitCode: number | null;
      readonly reasons: readonly StaleReason[];
    };

/** How its process ended, whether its time was up, and where what it said is kept. */
interface Ended extends RunExit {
  readonly isLate: boolean;
  readonly log: string | null;
}

type Judgement = Omit<Extract<StageEnd, { type: 'done' }>, 'keep'> | Extract<StageEnd, { type: 'failed' }>;

/** Runs a stage whose inputs are all there, with its previous outputs set aside until it is known how it ended. */
export async function runStage(session: Session, stage: Stage, now: Snapshot): Promise<StageEnd> {
  const paramsFiles = stage.params.map(({ file }) => file);
  const rewritten = await session.files.watch(stage.dependencies, paramsFiles);
  const unsafe = await protectOutputs(session, stage, now);
  await ownPersisted(session.project, now);
  const aside = moveAside(
    session.project,
    session.run,
    stage.name,
    stage.outputs.map(({ path, persist }) => ({
      path,
      persist,
      isSafe: !unsafe.has(path),
      keepAt: unsafe.has(path) ? join(session.project.layout.replaced, session.run, path) : null,
    })),
  );
  let settled = false;
  try {
    const exit = await execute(session, stage, now, aside.paramsFile);
    const end = await judge(session, { stage, now, rewritten }, exit);
    if (end.type === 'failed') return end;
    settled = true;
    return { ...end, keep: () => keep(session, stage, now, end.locked, aside) };
  } catch (thrown) {
    const error = fileError(thrown, `run stage "${stage.name}"`);
    if (!(error instanceof MlopsError)) throw error;
    return { type: 'failed', error, exitCode: null, reasons: [] };
  } finally {
    if (!settled) aside.giveBack();
  }
}

async function keep(session: Session, stage: Stage, now: Snapshot, locked: LockedStage, aside: Aside): Promise<void> {
  let isKept = false;
  try {
    if (session.request.commit) {
      await storeOutputs(session, stage, locked);
      if (isCacheable(now)) recordRun(session.project, session.run, locked);
    }
    isKept = true;
    for (const path of aside.commit()) tellReplaced(session, stage, path);
  } finally {
    if (!isKept) aside.giveBack();
  }
}

function tellReplaced({ project, run }: Session, stage: Stage, path: string): void {
  const message = `${path} was not what the lockfile says, and stage "${stage.name}" replaced it. What it was is in .mlops/replaced/${run}/${path}.`;
  project.report({ type: 'warning', message, hint: null });
}

async function storeOutputs({ files }: Session, stage: Stage, { outputs }: LockedStage): Promise<void> {
  for (const [path, output] of Object.entries(outputs)) {
    if (!isKeptInCache(output) || sameContent(await files.store(path), output)) continue;
    throw new MlopsError('stage-failed', `${path} changed after stage "${stage.name}" had written it.`, {
      hint: `mlops repro ${stage.name}`,
    });
  }
}

async function execute(
  { project, run, files }: Session,
  stage: Stage,
  now: Snapshot,
  paramsFile: string,
): Promise<Ended> {
  const params = Object.fromEntries(Object.entries(now.params).map(([file, values]) => [file, toJson(values)]));
  writeFileSync(paramsFile, `${JSON.stringify(params, null, 2)}\n`);
  const { root, report } = project;
  const log = openStageLog(project, run, stage.name);
  const deadline = deadlineOf(stage, project.signal);
  try {
    const exit = await RUNNERS[stage.runner].run(stage, {
      root,
      run,
      paramsFile,
      env: files.env,
      signal: deadline.signal,
      report(event) {
        log.hear(event);
        report(event);
      },
    });
    return { ...exit, isLate: deadline.isOver(), log: log.path() };
  } finally {
    deadline.clear();
    log.close();
  }
}

/** The signal that ends a stage: Ctrl-C, or its timeout. */
function deadlineOf({ timeoutMilliseconds }: Stage, signal: AbortSignal) {
  if (timeoutMilliseconds === null) return { signal, isOver: () => false, clear: () => undefined };
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMilliseconds);
  return {
    signal: AbortSignal.any([signal, timeout.signal]),
    isOver: () => timeout.signal.aborted,
    clear: () => clearTimeout(timer),
  };
}

interface Begun {
  readonly stage: Stage;
  readonly now: Snapshot;
  /** The inputs that were written to since. */
  readonly rewritten: () => Promise<string[]>;
}

async function judge(session: Session, { stage, now, rewritten }: Begun, exit: Ended): Promise<Judgement> {
  const { exitCode } = exit;
  const fail = (error: MlopsError, reasons: readonly StaleReason[] = []): Judgement => {
    return { type: 'failed', error, exitCode, reasons };
  };
  if (session.project.signal.aborted) return fail(interruption(session.project.signal.reason));
  if (exit.isLate) return fail(tooLate(stage, exit));
  if (exitCode !== 0) return fail(failedExit(stage, exit));

  const after = await takeSnapshot(stage, session.files);
  // What was changed and changed back was something else while the stage read it.
  const changed = [...new Set([...changedInputs(now, after), ...(await rewritten())])];
  if (changed.length > 0) {
    const message = `${changed.join(', ')} changed while stage "${stage.name}" ran, so nothing of it was recorded.`;
    const reasons = changed.map((path): StaleReason => ({ type: 'changed-during-run', path }));
    return fail(new MlopsError('stage-failed', message, { hint: `mlops repro ${stage.name}` }), reasons);
  }
  const unmade = stage.outputs.filter(({ path }) => after.outputs[path]?.content === null).map(({ path }) => path);
  if (unmade.length > 0) return fail(notMade(stage, unmade));

  const written = new Map<string, LockedPath>();
  for (const { path } of stage.outputs) {
    const content = after.outputs[path]?.content ?? null;
    if (content !== null) written.set(path, content);
  }
  return { type: 'done', locked: lockedStageOf(now, written), exitCode };
}

function changedInputs(before: Snapshot, after: Snapshot): string[] {
  if (fingerprintOf(before) === fingerprintOf(after)) return [];
  const deps = Object.keys(before.deps).filter((path) => {
    const [then, now] = [before.deps[path] ?? null, after.deps[path] ?? null];
    return then === null || now === null ? then !== now : !sameContent(then, now);
  });
  const withoutDeps = { ...after, deps: before.deps };
  const paramFiles = Object.keys(before.params).filter(
    (file) =>
      fingerprintOf({ ...withoutDeps, params: { [file]: after.params[file] ?? {} } }) !==
      fingerprintOf({ ...withoutDeps, params: { [file]: before.params[file] ?? {} } }),
  );
  return [...new Set([...deps, ...paramFiles])];
}
