import type { LockedPath } from '../../core/lockfile.ts';
import type { StageOutcome, StaleReason } from '../../core/run.ts';
import type { Stage } from '../../core/stage.ts';
import type { Snapshot } from './decide.ts';
import { isPattern } from '../../stores/documents/project-path.ts';
import { globReaches, overlaps } from '../../core/overlap.ts';
import { findRestorable } from './restore.ts';
import { mayHaveRun } from './run-cache.ts';
import { isCacheable } from './fingerprint.ts';
import { forcedBy, lockedStage, reasonsFor, type Session } from './session.ts';
import { missingDependencies, takeSnapshot } from './snapshot.ts';
import { partialDependency } from './whole.ts';

/** What `repro` would do with a stage, and why. */
export interface PlannedStage {
  readonly stage: Stage;
  readonly outcome: StageOutcome;
  readonly reasons: readonly StaleReason[];
  /** False when the reasons are only that a stage above may write something else. */
  readonly certain: boolean;
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
  if (stage.frozen) return { stage, outcome: 'frozen', reasons: [], certain: true };
  const seen = withRestored(await takeSnapshot(stage, session.files), restored);
  const open = above.filter(({ outcome }) => !['up-to-date', 'frozen'].includes(outcome));
  const unknown = new Set(Object.keys(seen.deps).filter((path) => isUnknown(path, open, restored)));
  const now = withAssumed(session, stage, seen, unknown);
  const forced = forcedBy(session, stage, (name) => above.find((other) => other.stage.name === name)?.outcome);
  const reasons = [...reasonsFor(session, stage, now), ...forced];
  const upstream = open
    .filter((other) => [...unknown].some((path) => reads(path, other.stage)))
    .map((other): StaleReason => ({ type: 'upstream-ran', stage: other.stage.name }));

  const failing =
    !session.request.ignoreErrors && above.some(({ outcome }) => outcome === 'failed' || outcome === 'blocked');
  const certain = reasons.length > 0 || upstream.length === 0;
  if (failing) return { stage, outcome: 'blocked', reasons: certain ? reasons : upstream, certain };
  if (reasons.length === 0) {
    return { stage, outcome: upstream.length === 0 ? 'up-to-date' : 'may-run', reasons: upstream, certain };
  }
  const isMissing = missingDependencies(now).some((path) => !unknown.has(path));
  if (isMissing || (await partialDependency(session, stage, now)) !== undefined) {
    return { stage, outcome: 'failed', reasons, certain };
  }

  const { runCache, force } = session.request;
  const mayRestore = runCache && !force && forced.length === 0 && isCacheable(now);
  if (unknown.size > 0) {
    const isOpen = mayRestore && mayHaveRun(session.project, seen, unknown);
    return {
      stage,
      outcome: isOpen ? 'may-run' : 'would-run',
      reasons: isOpen ? [...reasons, ...upstream] : reasons,
      certain,
    };
  }
  const record = mayRestore ? findRestorable(session, stage, now) : undefined;
  if (record === undefined) return { stage, outcome: 'would-run', reasons, certain };
  for (const [path, output] of Object.entries(record.outputs)) restored.set(path, output);
  return { stage, outcome: 'would-restore', reasons, certain };
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
  return { ...now, deps: Object.fromEntries(deps) };
}
