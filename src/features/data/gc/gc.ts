import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Digest } from '../../../core/digest.ts';
import { MlopsError } from '../../../core/errors.ts';
import type { Lockfile } from '../../../core/lockfile.ts';
import { layoutOf } from '../../../project/layout.ts';
import type { Project } from '../../../project/project.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import { whileCollecting } from '../../../stores/cache/collection.ts';
import { forgetRoot, registeredRoots } from '../../../stores/cache/roots.ts';
import { visitLinked } from './links.ts';
import { whileNoneIsWritten } from './hold-lockfiles.ts';
import { type GcScope, visitLockfiles } from './lockfiles.ts';
import { openMarks } from './mark.ts';
import { namesOf } from './names.ts';
import { dropRuns, visitYoungRuns, youngSince } from './runs.ts';
import { findGarbage, type Garbage, removeEach } from './sweep.ts';
import { inTurns } from '../workspace.ts';

/** The document of `gc`. */
export interface GcResult {
  readonly kept: number;
  readonly removed: number;
  /** Of what was removed. */
  readonly bytes: number;
  /** Of a remote alone. */
  readonly scheduled: readonly { id: string; eligibleAt: string; objects: number; bytes: number }[];
  readonly dryRun: boolean;
  /** Unfinished uploads that were ended; of a remote alone. */
  readonly unfinished: number;
  /** Not needed, and kept since they were put a moment ago. */
  readonly young: number;
  /** Not needed, and kept until less of the packs that they are in is needed. */
  readonly waiting: number;
  /** How many packs were written anew. */
  readonly packs: number;
  readonly objects: readonly Garbage[];
}

/** What `gc` was asked. */
export interface GcRequest {
  readonly scope: GcScope;
  /** Never less than an hour. */
  readonly graceMilliseconds: number;
  /** Other projects that use the cache, as typed. */
  readonly projects: readonly string[];
  /** Projects that use it no longer, as typed. */
  readonly forget: readonly string[];
}

/** What would go, and what stays. */
export interface GcPlan {
  readonly garbage: readonly Garbage[];
  readonly kept: number;
  readonly young: number;
  readonly waiting: number;
  /** Names of packs that are to be written anew, those together that have one kind of objects. */
  readonly packs: readonly (readonly string[])[];
  /** What was put later stays. */
  readonly moment: number;
}

/** The shortest grace period: whoever puts an object has so much time to name it. */
export const SHORTEST_GRACE = 3600 * 1000;

/** Finds what nothing in the scope needs. Nothing is removed. `ahead`: while it may be, by how many milliseconds the clock of the cache is ahead. */
export async function planGc(project: Project, request: GcRequest, ahead: number | null = null): Promise<GcPlan> {
  const now = project.now().getTime() + (ahead ?? 0);
  const moment = now - Math.max(request.graceMilliseconds, SHORTEST_GRACE);
  const cache = await project.cache();
  const marks = openMarks(cache);
  let lockfiles = 0;
  const visit = (lockfile: Lockfile) => {
    lockfiles += 1;
    marks.add(lockfile);
  };
  for (const root of rootsOf(project, cache, request)) {
    const scope = scopeIn(project, root, request.scope);
    const hold = ahead === null ? undefined : (work: () => Promise<void>) => whileNoneIsWritten(project, root, work);
    await visitLockfiles(project, root, scope, visit, hold);
    visitYoungRuns(layoutOf(root).runCache, youngSince(project), marks.add);
    await inTurns(visitLinked(root, marks.keep), 'list', project);
  }
  const { garbage, ...rest } = await inTurns(findGarbage(cache, marks, moment), 'list', project);
  if (lockfiles === 0 && garbage.size > 0) throw noLockfile(project);
  const names = garbage.size === 0 ? new Map<Digest, string>() : await namesOf(project, cache, marks, garbage);
  const objects = [...garbage].map(([digest, size]) => ({ digest, size, path: names.get(digest) ?? null }));
  return { ...rest, garbage: objects, moment };
}

/** Removes what nothing needs; when a plan is given, no more than that says. */
export async function removeGarbage(project: Project, told: GcPlan | null, request: GcRequest): Promise<GcResult> {
  const cache = await project.cache();
  const { waitMilliseconds, report, signal } = project;
  const { plan, gone } = await whileCollecting(cache, { waitMilliseconds, report, signal }, async (ahead) => {
    // Who named something before the note was there, is seen now; who does it from now on, sees the note.
    const found = await planGc(project, request, ahead);
    const plan = told === null ? found : both(told, found);
    const steps = removeEach(cache, plan.garbage, plan.packs, plan.moment);
    return { plan, gone: await inTurns(steps, 'list', project) };
  });
  for (const typed of request.forget) forgetRoot(cache.dir, resolve(project.cwd, typed));
  const digests = new Set(gone.map(({ digest }) => digest));
  // Another collection may have been faster.
  const isThere = cache.presence();
  const stayed = plan.garbage.filter(({ digest }) => !digests.has(digest) && isThere(digest));
  dropRuns(project.layout.runCache, youngSince(project), (digest) => digests.has(digest));
  return { ...describePlan({ ...plan, garbage: gone, kept: plan.kept + stayed.length }), dryRun: false };
}

/** While somebody thought about a plan, somebody else may have come to need some of it. */
function both(told: GcPlan, found: GcPlan): GcPlan {
  const digests = new Set(told.garbage.map(({ digest }) => digest));
  const garbage = found.garbage.filter(({ digest }) => digests.has(digest));
  const kept = found.kept + found.garbage.length - garbage.length;
  return { ...found, garbage, kept, moment: Math.min(told.moment, found.moment) };
}

/** What a dry run says: exactly what would be removed. */
export function describePlan({ garbage, kept, young, waiting, packs }: GcPlan): GcResult {
  const bytes = garbage.reduce((sum, { size }) => sum + size, 0);
  const removed = garbage.length;
  return {
    kept,
    removed,
    bytes,
    scheduled: [],
    dryRun: true,
    unfinished: 0,
    young,
    waiting,
    packs: packs.flat().length,
    objects: garbage,
  };
}

/** The projects whose lockfiles keep objects of this cache alive. */
function rootsOf({ root, cwd }: Project, { dir }: Cache, { projects, forget }: GcRequest): Set<string> {
  const registered = registeredRoots(dir);
  const forgotten = forget.map((typed) => resolve(cwd, typed));
  const unknown = forgotten.find((one) => !registered.includes(one));
  if (unknown !== undefined) {
    throw new MlopsError('usage', `No project in ${unknown} is known to use the cache in ${dir}.`);
  }
  const others = registered.filter((one) => !forgotten.includes(one));
  const roots = new Set([root, ...others, ...projects.map((typed) => resolve(cwd, typed))]);
  const gone = [...roots].find((one) => !existsSync(one));
  if (gone === undefined) return roots;
  throw new MlopsError('refused', `The project in ${gone} uses this cache, and is not there to say what it needs.`, {
    hint: `If it is gone for good: mlops gc --forget ${gone}`,
  });
}

/** Names of revisions mean something here alone: elsewhere all branches stay. */
export function scopeIn(project: Project, root: string, scope: GcScope): GcScope {
  if (root === project.root) return scope;
  const isNamed = scope.revs.length > 0 || scope.since !== null;
  return { ...scope, revs: [], since: null, skipRevs: [], allBranches: scope.allBranches || isNamed };
}

function noLockfile({ root }: Project): MlopsError {
  return new MlopsError('refused', `There is no lockfile in ${root}, so nothing is known to be needed.`, {
    hint: 'Bring .mlops.lock.yaml back, from Git or a backup.',
  });
}
