import { MlopsError } from '../../../core/errors.ts';
import type { LockedPath } from '../../../core/lockfile.ts';
import type { StageOutcome, StaleReason } from '../../../core/run.ts';
import type { Stage } from '../../../core/stage.ts';
import type { Snapshot } from './decide.ts';
import { isPattern } from '../../../stores/documents/project-path.ts';
import { foldersAbove, globReaches, overlaps } from '../../../core/overlap.ts';
import { missingDependencyError } from './missing.ts';
import { findRestorable } from '../run/restore.ts';
import { mayHaveRun } from '../run/run-cache.ts';
import { isCacheable } from './fingerprint.ts';
import { forcedBy, lockedStage, reasonsFor, recordedPaths, type Session } from '../session.ts';
import { missingDependencies, takeSnapshot } from './snapshot.ts';
import { partialDependency } from './whole.ts';

/** What `repro` would do with a stage, and why. */
export interface PlannedStage {
  readonly stage: Stage;
  readonly outcome: StageOutcome;
  readonly reasons: readonly StaleReason[];
  /** False when the reasons are only that a stage above may write something else. */
  readonly certain: boolean;
  /** What the real run would stop with here. */
  readonly error: MlopsError | null;
}

/** What would be done with each stage, in order, without doing any of it. "May" is said only where it depends on what a stage above will write. */
export async function planStages(session: Session, stages: readonly Stage[]): Promise<PlannedStage[]> {
  const planned = new Map<string, PlannedStage>();
  const restored = new Map<string, LockedPath>();
  for (const stage of stages) {
    const above = (session.graph.upstream.get(stage.name) ?? []).flatMap((name) => planned.get(name) ?? []);
    planned.set(stage.name, await planStage(session, stage, above, restored));
  }
  return [...planned.values()];
}

async function planStage(
  session: Session,
  stage: Stage,
  above: readonly PlannedStage[],
  restored: Map<string, LockedPath>,
): Promise<PlannedStage> {
  const plan = (outcome: StageOutcome, reasons: readonly StaleReason[], certain = true): PlannedStage => {
    return { stage, outcome, reasons, certain, error: null };
  };
  if (stage.frozen) return plan('frozen', []);
  // What fails for certain leaves its outputs as they are, and with --ignore-errors they are read.
  const known = ['up-to-date', 'frozen', ...(session.request.ignoreErrors ? ['failed'] : [])];
  const open = above.filter(({ outcome }) => !known.includes(outcome));
  const snapshot = await snapshotOrError(session, stage);
  if (snapshot instanceof MlopsError) {
    // Its params are what a stage above writes.
    const upstream = open.map((other): StaleReason => ({ type: 'upstream-ran', stage: other.stage.name }));
    return open.length > 0 ? plan('may-run', upstream, false) : { ...plan('failed', []), error: snapshot };
  }
  const seen = await withPulled(session, withRestored(snapshot, restored));
  const inputs = [...Object.keys(seen.deps), ...Object.keys(seen.params)];
  const isParams = (path: string) => Object.hasOwn(seen.params, path);
  const unknown = new Set(inputs.filter((path) => isUnknown(path, open, isParams(path) ? NOTHING : restored)));
  const now = withAssumed(session, stage, seen, unknown);
  const forced = forcedBy(session, stage, (name) => above.find((other) => other.stage.name === name)?.outcome);
  const reasons = [...reasonsFor(session, stage, now), ...forced];
  const upstream = open
    .filter((other) => [...unknown].some((path) => reads(path, other.stage)))
    .map((other): StaleReason => ({ type: 'upstream-ran', stage: other.stage.name }));

  const failing =
    !session.request.ignoreErrors && above.some(({ outcome }) => outcome === 'failed' || outcome === 'blocked');
  const certain = reasons.length > 0 || upstream.length === 0;
  if (failing) return plan('blocked', certain ? reasons : upstream, certain);
  if (reasons.length === 0) return plan(upstream.length === 0 ? 'up-to-date' : 'may-run', upstream, certain);
  const error = await unreadable(session, stage, now, unknown);
  if (error !== undefined) return { ...plan('failed', reasons), error };

  const { runCache, force } = session.request;
  const mayRestore = runCache && !force && forced.length === 0 && isCacheable(now);
  if (unknown.size > 0) {
    const isOpen = mayRestore && ([...unknown].some(isParams) || mayHaveRun(session.project, seen, unknown));
    return plan(isOpen ? 'may-run' : 'would-run', isOpen ? [...reasons, ...upstream] : reasons, certain);
  }
  const record = mayRestore ? findRestorable(session, stage, now) : undefined;
  if (record === undefined) return plan('would-run', reasons, certain);
  for (const [path, output] of Object.entries(record.outputs)) restored.set(path, output);
  return plan('would-restore', reasons, certain);
}

const NOTHING: ReadonlyMap<string, LockedPath> = new Map();

/** A stage's params may be wrong now and right when a stage above has written them. */
async function snapshotOrError({ files }: Session, stage: Stage): Promise<Snapshot | MlopsError> {
  try {
    return await takeSnapshot(stage, files);
  } catch (error) {
    if (error instanceof MlopsError && error.kind === 'invalid-file') return error;
    throw error;
  }
}

/** What a stage cannot run on: dependencies that are not there, or not whole. */
async function unreadable(session: Session, stage: Stage, now: Snapshot, unknown: ReadonlySet<string>) {
  const known = Object.fromEntries(Object.entries(now.deps).filter(([path]) => !unknown.has(path)));
  const missing = missingDependencies({ ...now, deps: known }).filter((path) => !isPulled(session, path));
  if (missing.length > 0) return missingDependencyError(session, stage, missing);
  return session.request.pull === null ? partialDependency(session, stage, { ...now, deps: known }) : undefined;
}

/** With `--pull`, what was never here is brought as recorded. */
async function withPulled(session: Session, now: Snapshot): Promise<Snapshot> {
  if (session.request.pull === null) return now;
  const recorded = recordedPaths(session.lockfile);
  const deps: [string, LockedPath | null][] = [];
  for (const [path, content] of Object.entries(now.deps)) {
    deps.push([path, await session.files.completed(path, content, recorded)]);
  }
  return { ...now, deps: Object.fromEntries(deps) };
}

function isPulled({ request, lockfile }: Session, path: string): boolean {
  const recorded = recordedPaths(lockfile);
  return request.pull !== null && foldersAbove(path).some((folder) => recorded.has(folder));
}

/** Whether a path will be what a stage has yet to write. One that is restored as a whole is known already. */
function isUnknown(path: string, open: readonly PlannedStage[], restored: ReadonlyMap<string, LockedPath>): boolean {
  return !restored.has(path) && open.some(({ stage }) => reads(path, stage));
}

function reads(path: string, { outputs }: Stage): boolean {
  return outputs.some((output) => (isPattern(path) ? globReaches(path, output.path) : overlaps(path, output.path)));
}

function withRestored(now: Snapshot, restored: ReadonlyMap<string, LockedPath>): Snapshot {
  if (restored.size === 0) return now;
  const deps = Object.entries(now.deps).map(([path, content]) => [path, restored.get(path) ?? content] as const);
  return { ...now, deps: Object.fromEntries(deps) };
}

/** Takes what is not known yet for what it was, so that only certain reasons are found. */
function withAssumed(session: Session, stage: Stage, now: Snapshot, unknown: ReadonlySet<string>): Snapshot {
  const locked = lockedStage(session.lockfile, stage);
  if (unknown.size === 0 || locked === undefined) return now;
  const deps = Object.entries(now.deps).map(([path, content]) => {
    const before = Object.hasOwn(locked.deps, path) ? locked.deps[path] : undefined;
    return [path, unknown.has(path) ? (before ?? content) : content] as const;
  });
  const params = Object.entries(now.params).map(([file, values]) => {
    const before = Object.hasOwn(locked.params, file) ? locked.params[file] : undefined;
    return [file, unknown.has(file) ? (before ?? values) : values] as const;
  });
  return { ...now, deps: Object.fromEntries(deps), params: Object.fromEntries(params) };
}
