import { join } from 'node:path';
import { MlopsError } from '../../../core/errors.ts';
import { type LockedPath, lockedPaths, type Lockfile } from '../../../core/lockfile.ts';
import { foldersAbove } from '../../../core/overlap.ts';
import { shellWord } from '../../../core/shell-word.ts';
import { compareCodePoints } from '../../../core/value.ts';
import type { Project } from '../../../project/project.ts';
import { withLease } from '../../../system/lease.ts';
import { foldsNames, lookAt } from '../../../system/list-files.ts';
import { applyCheckout } from './apply.ts';
import { firstUnmeasured } from './may-lose.ts';
import { keepOutOfGit, showToGit } from './keep-out-of-git.ts';
import type { CheckoutDone, CheckoutPlace } from './place.ts';
import { lockfileAt, revisionOf } from '../lockfile-at.ts';
import { entryOf, measureOwnSteps } from '../measure.ts';
import { type CheckoutFailure, type CheckoutPlan, failureOf, isDone, planCheckout } from './plan.ts';
import { pretendCheckout } from './pretend.ts';
import { checkInside, namesFirst } from '../inside.ts';
import { isKeptInGit, type SelectedPath, selectPaths } from '../select.ts';
import { inTurns, openWorkspace } from '../workspace.ts';

/** The document of `checkout`: single files, also inside folders, and folders without any file. */
export interface CheckoutResult {
  readonly added: readonly string[];
  readonly modified: readonly string[];
  readonly deleted: readonly string[];
  /** Left as they are: their bytes are not in the cache, and nobody said `--force`. */
  readonly kept: readonly string[];
  readonly failed: readonly CheckoutFailure[];
}

/** What `checkout` was asked. */
export interface CheckoutRequest {
  readonly targets: readonly string[];
  /** All targets are patterns, also where something is called so. */
  readonly isGlob?: boolean | undefined;
  readonly force: boolean;
  readonly allowMissing: boolean;
  readonly dryRun?: boolean;
  /** A revision whose lockfile counts in place of the workspace's. The lockfile itself stays as it is. */
  readonly rev?: string | null;
}

/** Makes the workspace what the lockfile says, as far as the cache and the safety of what is there allow. */
export async function checkoutPaths(project: Project, request: CheckoutRequest): Promise<CheckoutResult> {
  const lockfile = await lockfileAt(project, await revisionOf(project, request.rev ?? null));
  const place = await openPlace(project, request.force, request.dryRun);
  const named = selectPaths(lockfile, await project.pipeline(), request.targets, project, request.isGlob);
  checkInside(place.cache, named);
  const selected = request.isGlob === true ? named : namesFirst(place.cache, named);
  // Before the bytes are there, so that no `git add` catches them.
  if (typeof request.rev === 'string' && !place.dryRun) await keepOutOfGit(project, lockfile, selected.keys());
  const done = nothingDone();
  try {
    for (const [path, locked] of selected) {
      if (isKeptInGit(lockfile, path) && isLeftToGit(project, place, path, locked, request)) continue;
      await checkOutOne(project, place, { path, locked, allowMissing: request.allowMissing }, done);
    }
    if (request.targets.length === 0) await removeUnnamed(project, place, lockfile, done);
  } finally {
    place.index.save();
  }
  for (const list of [done.added, done.modified, done.deleted, done.kept]) list.sort(compareCodePoints);
  return done;
}

/** What Git keeps is Git's, unless it is named, or is gone and the cache can bring it back. */
function isLeftToGit(
  { report }: Project,
  { root, cache }: Place,
  path: string,
  { digest }: LockedPath,
  { targets }: CheckoutRequest,
): boolean {
  if (targets.length > 0) return false;
  if (lookAt(join(root, path)) !== undefined) return true;
  if (cache.has(digest)) return false;
  const message = `${path} is gone. It is kept in Git, and not in the cache.`;
  report({ type: 'warning', message, hint: `git checkout -- ${shellWord(path)}` });
  return true;
}

/** Makes one path what was recorded, or fails. Whoever calls holds the lease on it. */
export async function checkoutPath(project: Project, path: string, locked: LockedPath, force = false): Promise<void> {
  const place = await openPlace(project, force);
  const done = nothingDone();
  await carryOut(project, place, { path, locked, allowMissing: false }, done, (work) => work());
  const [kept] = done.kept;
  const [failed] = done.failed;
  if (failed !== undefined) {
    const hint = failed.kind === 'data-missing' ? { hint: 'mlops fetch' } : {};
    throw new MlopsError(failed.kind, `${failed.path} cannot be restored: ${failed.reason}`, hint);
  }
  if (kept !== undefined) {
    throw new MlopsError('refused', `${kept} would be overwritten, and its bytes are not in the cache.`, {
      hint: 'Move it away, or keep it with `mlops commit`.',
    });
  }
}

interface One {
  readonly path: string;
  /** Undefined: the lockfile no longer names it. */
  readonly locked: SelectedPath | undefined;
  readonly allowMissing: boolean;
}

interface Place extends CheckoutPlace {
  readonly dryRun: boolean;
}

type Guard = (work: () => Promise<void>) => Promise<void>;

function checkOutOne(project: Project, place: Place, one: One, done: CheckoutDone): Promise<void> {
  const { layout, waitMilliseconds, report, signal } = project;
  const { path } = one;
  const lease = { folder: layout.leases, name: `output ${path}`, what: path, waitMilliseconds, report, signal };
  return carryOut(project, place, one, done, (work) => withLease(lease, work));
}

/** Looks, and takes the lease only when there is something to do; after a wait it looks again. */
async function carryOut(project: Project, place: Place, one: One, done: CheckoutDone, guard: Guard) {
  const { path, locked, allowMissing } = one;
  const look = async (): Promise<CheckoutPlan | undefined> => {
    try {
      const have = await inTurns(measureOwnSteps(place, path), 'verify', project);
      const want = locked === undefined ? undefined : entryOf(path, locked);
      const inside = locked?.inside ?? null;
      return planCheckout(place.cache, {
        path,
        have,
        want,
        inside,
        allowMissing,
        foldsNames: foldsNames(project.layout.state),
        unmeasuredIn: (at, folder) => firstUnmeasured(place.root, at, folder),
      });
    } catch (error) {
      if (!(error instanceof MlopsError) || project.signal.aborted) throw error;
      done.failed.push(failureOf(path, error));
      return undefined;
    }
  };
  const plan = await look();
  if (plan === undefined) return;
  if (place.dryRun) return inTurns(pretendCheckout(place, plan, done), 'checkout', project);
  if (!isDone(plan)) {
    const asked = performance.now();
    await guard(async () => {
      const current = performance.now() - asked > NOTICEABLE_WAIT ? await look() : plan;
      if (current !== undefined) await inTurns(applyCheckout(place, path, current, done), 'checkout', project);
    });
  }
  // What could not be made was never here: it stays absent.
  if (locked !== undefined && lookAt(join(place.root, path)) !== undefined) place.index.track(path);
}

const NOTICEABLE_WAIT = 50;

/** What an earlier checkout put there and the lockfile no longer names goes, unless Git has it now. */
async function removeUnnamed(project: Project, place: Place, lockfile: Lockfile, done: CheckoutDone) {
  const named = new Set(lockedPaths(lockfile).keys());
  const unnamed = [...place.index.tracked()].filter((path) => !named.has(path));
  if (unnamed.length === 0) return;
  const inGit = (await project.git?.trackedAmong(unnamed)) ?? new Set<string>();
  const gone: string[] = [];
  const aroundNamed = new Set([...named].flatMap(foldersAbove));
  for (const path of unnamed) {
    const isElsewhere = aroundNamed.has(path) || foldersAbove(path).some((folder) => named.has(folder));
    const kept = done.kept.length;
    if (!inGit.has(path) && !isElsewhere) {
      await checkOutOne(project, place, { path, locked: undefined, allowMissing: true }, done);
    }
    if (done.kept.length > kept || place.dryRun) continue;
    place.index.untrack(path);
    if (!isElsewhere) place.index.forget(path);
    gone.push(path);
  }
  await showToGit(project, gone);
}

async function openPlace(project: Project, force: boolean, dryRun = false): Promise<Place> {
  return { ...(await openWorkspace(project)), tmp: project.layout.tmp, force, dryRun };
}

function nothingDone(): CheckoutDone {
  return { added: [], modified: [], deleted: [], kept: [], failed: [] };
}
