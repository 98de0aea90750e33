import { type LockedPath, lockedPaths, type LockedStage, type Lockfile } from '../../core/lockfile.ts';
import type { StageOutcome, StaleReason } from '../../core/run.ts';
import type { Stage } from '../../core/stage.ts';
import { LOCKFILE } from '../../project/layout.ts';
import type { Project } from '../../project/project.ts';
import { type Snapshot, staleReasons } from './decision/decide.ts';
import type { Graph } from './definition/graph.ts';
import type { Recorder } from './run/recorder.ts';
import type { ReproRequest } from './request.ts';
import type { StageFiles } from './decision/workspace.ts';

/** What the stages of one `repro` share while it lasts. */
export interface Session {
  readonly project: Project;
  readonly files: StageFiles;
  readonly graph: Graph;
  readonly request: ReproRequest;
  readonly run: string;
  /** Before the first stage is touched: whether Git sees changes. */
  prepare(): Promise<{ readonly dirty: boolean }>;
  /** For what stages that run at once must not do at once: a `.gitignore` that they share, a path that both pull. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  readonly recorder: Recorder;
  /** What became of the stages that are over. */
  readonly outcomes: Map<string, StageOutcome>;
  /** The stages that were run, however that ended. */
  readonly begun: Set<string>;
  /** As last read or written. */
  lockfile: Lockfile;
  /** Files for Git that the run changed. */
  readonly changedFiles: Set<string>;
}

/** A stage's entry in a lockfile. */
export function lockedStage(lockfile: Lockfile, stage: Stage): LockedStage | undefined {
  return Object.hasOwn(lockfile.stages, stage.name) ? lockfile.stages[stage.name] : undefined;
}

/** Why a stage must run in this session, given what it is now. */
export function reasonsFor(session: Pick<Session, 'request' | 'lockfile'>, stage: Stage, now: Snapshot): StaleReason[] {
  const { request, lockfile } = session;
  const locked = lockedStage(lockfile, stage);
  const seen = request.allowMissing && locked !== undefined ? assumeMissing(now, locked, lockfile) : now;
  const reasons = staleReasons(seen, locked);
  // When the rest is as it was, what is missing is no reason; otherwise all is told as it is.
  const told = reasons.length === 0 ? reasons : staleReasons(now, locked);
  return request.force ? [...told, { type: 'forced' }] : told;
}

/** With `--force-downstream`: the stages above that did something, or would. */
export function forcedBy(
  { request, graph }: Pick<Session, 'request' | 'graph'>,
  stage: Stage,
  outcomeOf: (name: string) => StageOutcome | undefined,
): StaleReason[] {
  if (!request.forceDownstream) return [];
  const above = (graph.upstream.get(stage.name) ?? []).filter((name) => MOVED.has(outcomeOf(name)));
  return above.map((name) => ({ type: 'upstream-ran', stage: name }));
}

const MOVED: ReadonlySet<StageOutcome | undefined> = new Set([
  'ran',
  'restored',
  'would-run',
  'would-restore',
] as const);

/** The snapshot with everything that is not there taken for what the lockfile says should be there. */
function assumeMissing(now: Snapshot, locked: LockedStage, lockfile: Lockfile): Snapshot {
  const recorded = recordedPaths(lockfile);
  const deps = Object.entries(now.deps).map(([path, content]): [string, LockedPath | null] => [
    path,
    content ?? recorded.get(path) ?? (Object.hasOwn(locked.deps, path) ? (locked.deps[path] ?? null) : null),
  ]);
  const outputs = Object.entries(now.outputs).map(([path, output]): [string, typeof output] => [
    path,
    { ...output, content: output.content ?? recorded.get(path) ?? null },
  ]);
  return { ...now, deps: Object.fromEntries(deps), outputs: Object.fromEntries(outputs) };
}

/** What the lockfile says of each path that it names: tracked data and outputs. */
export function recordedPaths(lockfile: Lockfile): ReadonlyMap<string, LockedPath> {
  let paths = memo.get(lockfile);
  if (paths === undefined) {
    paths = lockedPaths(lockfile);
    memo.set(lockfile, paths);
  }
  return paths;
}

const memo = new WeakMap<Lockfile, ReadonlyMap<string, LockedPath>>();

/** Takes the entries of stages that the pipeline no longer has out of the lockfile. */
export async function forgetRemovedStages({ project, graph, changedFiles }: Session): Promise<void> {
  const known = new Set(graph.stages.map(({ name }) => name));
  if (Object.keys(project.readLockfile().stages).every((name) => known.has(name))) return;
  await project.updateLockfile(({ data, stages }) => {
    return { data, stages: Object.fromEntries(Object.entries(stages).filter(([name]) => known.has(name))) };
  });
  changedFiles.add(LOCKFILE);
}
