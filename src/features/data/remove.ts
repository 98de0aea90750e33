import type { Digest } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import type { LockedData } from '../../core/lockfile.ts';
import { compareCodePoints } from '../../core/value.ts';
import { LOCKFILE } from '../../project/layout.ts';
import type { Project } from '../../project/project.ts';
import { linkAbove } from '../../system/link-above.ts';
import { applyCheckout } from './checkout/apply.ts';
import type { CheckoutDone, CheckoutPlace } from './checkout/place.ts';
import { letGitSee } from './let-git-see.ts';
import { measureOwnSteps } from './measure.ts';
import { withPaths } from './output-lease.ts';
import { type CheckoutPlan, planCheckout } from './checkout/plan.ts';
import { copyEach, filesIn, isLinkIntoCache } from './checkout/private-copy.ts';
import { forGit } from './changed-files.ts';
import { refuseLinkOnTheWay } from './refuse.ts';
import { trackedData } from './tracked.ts';
import { inTurns, openWorkspace } from './workspace.ts';

/** Tracked data that no longer is, as the lockfile had it. */
export interface RemovedPath {
  readonly path: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Null for a single file. */
  readonly files: number | null;
}

/** The document of `remove`. */
export interface RemoveResult {
  readonly removed: readonly RemovedPath[];
  /** Single files that were deleted from the workspace, also inside folders. */
  readonly deleted: readonly string[];
  /** What Git has to be told of: the lockfile, and each `.gitignore` that changed. */
  readonly changedFiles: readonly string[];
}

/** What `remove` was asked. */
export interface RemoveRequest {
  /** As typed: relative to the current folder. */
  readonly paths: readonly string[];
  /** Whether the data goes as well. */
  readonly outs: boolean;
  /** Whether bytes that are not in the cache may be lost. */
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** Stops tracking data. Its bytes stay in the workspace unless they are told to go, and then they are in the cache. */
export async function removePaths(project: Project, request: RemoveRequest): Promise<RemoveResult> {
  const lockfile = project.readLockfile();
  const paths = [...trackedData(lockfile, await project.pipeline(), request.paths, project)].sort(compareCodePoints);
  if (request.outs) for (const path of paths) refuseLinkOnTheWay(project.root, path);
  const workspace = await openWorkspace(project);
  const place = { ...workspace, tmp: project.layout.tmp, force: request.force };
  const removed = paths.flatMap((path) => describe(path, lockfile.data[path]));
  try {
    const plans = request.outs ? await planDeletions(project, place, paths) : new Map<string, CheckoutPlan>();
    if (request.dryRun) return { removed, deleted: [...plans.values()].flatMap(filesOf), changedFiles: [] };
    const deleted: string[] = [];
    if (!request.outs) for (const path of paths) await letGo(project, place, path);
    for (const [path, plan] of plans) deleted.push(...(await deleteFiles(project, place, path, plan)));
    return { removed, deleted, changedFiles: await stopTracking(project, place, paths) };
  } finally {
    place.index.save();
  }
}

function describe(path: string, locked: LockedData | undefined): RemovedPath[] {
  if (locked === undefined) return [];
  const { digest, size } = locked;
  return [{ path, digest, size, files: locked.kind === 'tree' ? locked.files : null }];
}

/** What would have to go, once it is known that none of it is the only copy. */
async function planDeletions(project: Project, place: CheckoutPlace, paths: readonly string[]) {
  const plans = new Map<string, CheckoutPlan>();
  for (const path of paths) {
    const have = await inTurns(measureOwnSteps(place, path), 'verify', project);
    const question = { path, have, want: undefined, inside: null, allowMissing: false };
    const plan = planCheckout(place.cache, question);
    for (const step of plan.remove) {
      if (step.type === 'delete' && !place.force && !place.cache.has(step.had.digest)) throw onlyCopy(step.path);
    }
    plans.set(path, plan);
  }
  return plans;
}

async function deleteFiles(project: Project, place: CheckoutPlace, path: string, plan: CheckoutPlan) {
  const done: CheckoutDone = { added: [], modified: [], deleted: [], kept: [], failed: [] };
  await withPaths(project, [path], () => inTurns(applyCheckout(place, path, plan, done), 'checkout', project));
  const [kept] = done.kept;
  const [failed] = done.failed;
  if (kept !== undefined) throw onlyCopy(kept);
  if (failed !== undefined) throw new MlopsError('failed', `${failed.path} cannot be deleted: ${failed.reason}`);
  return done.deleted;
}

/** What is the user's own again is no link into the cache: an object would change with it, or it would lose its bytes to `gc`. */
async function letGo(project: Project, place: CheckoutPlace, path: string): Promise<void> {
  if (linkAbove(project.root, path) !== undefined) return;
  const have = await inTurns(measureOwnSteps(place, path), 'verify', project);
  const linked = have === undefined ? [] : [...filesIn(path, have)].filter((file) => isLinkIntoCache(place, file));
  if (linked.length === 0) return;
  await withPaths(project, [path], () => inTurns(copyEach(place.tmp, place, linked), 'checkout', project));
}

async function stopTracking(project: Project, { index }: CheckoutPlace, paths: readonly string[]): Promise<string[]> {
  // What is no longer tracked is the user's own again: no later checkout takes it away, be this one killed or not.
  for (const path of paths) index.untrack(path);
  index.save();
  const changed = await letGitSee(project, paths, () =>
    project.updateLockfile((current) => {
      const data = Object.entries(current.data).filter(([path]) => !paths.includes(path));
      return { ...current, data: Object.fromEntries(data) };
    }),
  );
  for (const path of paths) index.forget(path);
  return forGit(project, [LOCKFILE, ...changed]);
}

function filesOf({ remove }: CheckoutPlan): string[] {
  return remove.flatMap((step) => (step.type === 'delete' || ('isEmpty' in step && step.isEmpty) ? [step.path] : []));
}

function onlyCopy(path: string): MlopsError {
  return new MlopsError('refused', `${path} is not deleted: its bytes are not in the cache.`, {
    hint: 'Keep them with `mlops add`, or give them up: mlops remove --outs --force',
  });
}
