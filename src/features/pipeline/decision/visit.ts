import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MlopsError } from '../../../core/errors.ts';
import type { LockedStage } from '../../../core/lockfile.ts';
import type { StageOutcome, StaleReason } from '../../../core/run.ts';
import type { Stage } from '../../../core/stage.ts';
import { encodeLockfile } from '../../../stores/documents/lockfile.ts';
import { ignoreInGit } from '../../../stores/git/ignore.ts';
import { withLease } from '../../../system/lease.ts';
import { missingDependencyError, pullDependencies } from './missing.ts';
import { restoreOutputs } from '../run/restore.ts';
import { runWithRetries } from '../run/retry.ts';
import { forcedBy, lockedStage, reasonsFor, type Session } from '../session.ts';
import { missingDependencies, takeSnapshot } from './snapshot.ts';
import { partialDependency } from './whole.ts';

/** What became of a stage. */
export interface Visit {
  readonly outcome: StageOutcome;
  readonly reasons: readonly StaleReason[];
  readonly exitCode: number | null;
  readonly error: MlopsError | null;
}

/** Told once when all is made and only has to be written down: what reads it may begin. */
export type Made = (outcome: StageOutcome) => void;

/** Brings one stage up to date, everything above it being so: nothing, a restore, or a run. */
export async function visitStage(session: Session, stage: Stage, made: Made): Promise<Visit> {
  if (stage.frozen) return visit('frozen', []);
  let now = await takeSnapshot(stage, session.files);
  if (session.request.pull !== null && (await session.inTurn(() => pullDependencies(session, now)))) {
    now = await takeSnapshot(stage, session.files);
  }
  const forced = forcedBy(session, stage, (name) => session.outcomes.get(name));
  const reasons = [...reasonsFor(session, stage, now), ...forced];
  if (reasons.length === 0) return visit('up-to-date', []);
  const missing = missingDependencies(now);
  const error =
    missing.length > 0 ? missingDependencyError(session, stage, missing) : await partialDependency(session, stage, now);
  if (error !== undefined) return { ...visit('failed', reasons), error };

  await session.prepare();
  const startedAt = performance.now();
  return withOutputs(session, stage, async () => {
    // Whoever held the outputs meanwhile may have done the work.
    if (performance.now() - startedAt > NOTICEABLE_WAIT) {
      session.recorder.refresh();
      now = await takeSnapshot(stage, session.files);
      if (forced.length + reasonsFor(session, stage, now).length === 0) return visit('up-to-date', []);
    }
    await keepOutOfGit(session, stage);
    const { runCache, force } = session.request;
    const restored = runCache && !force && forced.length === 0 ? await restoreOutputs(session, stage, now) : undefined;
    if (restored !== undefined) {
      const keep = async () => undefined;
      await record(session, stage, { locked: restored, keep, made: () => made('restored'), startedAt });
      return visit('restored', reasons);
    }
    session.begun.add(stage.name);
    session.project.report({ type: 'stage-started', stage: stage.name, reasons });
    const end = await runWithRetries(session, stage);
    if (end.type === 'failed') {
      return { outcome: 'failed', reasons: [...reasons, ...end.reasons], exitCode: end.exitCode, error: end.error };
    }
    await record(session, stage, { ...end, made: () => made('ran'), startedAt });
    return { ...visit('ran', reasons), exitCode: end.exitCode };
  });
}

const NOTICEABLE_WAIT = 50;

function visit(outcome: StageOutcome, reasons: readonly StaleReason[]): Visit {
  return { outcome, reasons, exitCode: null, error: null };
}

/** While a stage writes its outputs, no other stage or checkout does. */
function withOutputs<T>(session: Session, stage: Stage, work: () => Promise<T>): Promise<T> {
  const { layout, waitMilliseconds, report, signal } = session.project;
  const paths = stage.outputs.map(({ path }) => path).toSorted();
  return paths.reduceRight<() => Promise<T>>(
    (inner, path) => () => {
      const lease = { folder: layout.leases, name: `output ${path}`, what: path, waitMilliseconds, report, signal };
      return withLease(lease, inner);
    },
    work,
  )();
}

/** Before the bytes are there, so that no `git add` catches them. */
async function keepOutOfGit({ project, changedFiles, inTurn }: Session, stage: Stage): Promise<void> {
  if (project.git === null) return;
  const paths = stage.outputs.filter(({ cache }) => cache).map(({ path }) => path);
  for (const file of await inTurn(() => ignoreInGit(project, paths))) changedFiles.add(file);
}

interface Result {
  readonly locked: LockedStage;
  /** Makes what was made last, before the lockfile names it. */
  keep(): Promise<void>;
  readonly made: () => void;
  readonly startedAt: number;
}

async function record(session: Session, stage: Stage, { locked, keep, made, startedAt }: Result): Promise<void> {
  session.files.track(stage.outputs.map(({ path }) => path));
  for (const { path, cache } of stage.outputs) if (!cache) session.changedFiles.add(path);
  const { name } = stage;
  const isNew = textOf(lockedStage(session.lockfile, stage)) !== textOf(locked);
  if (isNew) session.recorder.announce(name, locked);
  if (session.recorder.mayWait(startedAt)) {
    made();
    // What may begin now does so first, and this goes on while it runs.
    await nextTurn();
  }
  try {
    await keep();
    if (isNew) await session.recorder.write(name);
  } catch (error) {
    session.recorder.withdraw(name);
    throw error;
  }
}

function textOf(locked: LockedStage | undefined): string | undefined {
  return locked && encodeLockfile({ data: {}, stages: { stage: locked } });
}
