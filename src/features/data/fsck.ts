import type { Digest } from '../../core/digest.ts';
import { compareCodePoints } from '../../core/value.ts';
import type { Project } from '../../project/project.ts';
import type { Cache } from '../../stores/cache/cache.ts';
import { mendPacks } from '../../stores/cache/mend-packs.ts';
import { quarantined } from '../../stores/cache/removal.ts';
import { collectSound } from './transfer/collect.ts';
import type { WantedObject } from './collect.ts';
import { checkInside } from './inside.ts';
import { type SelectedPath, selectPaths } from './select.ts';
import { checkOnRemote, NOTHING_THERE, type RemoteFindings } from './fsck-remote.ts';
import { pushObjects } from './transfer/transfer.ts';
import { repair, stillMissing } from './repair.ts';
import { inTurns, openWorkspace, type Steps } from './workspace.ts';

/** An object whose bytes are not what its digest says. */
export interface DamagedObject {
  readonly digest: Digest;
  readonly where: 'cache' | 'remote';
  /** As far as the lockfile names it. */
  readonly paths: readonly string[];
  /** Whether another copy has taken its place. */
  readonly repaired: boolean;
}

/** The document of `fsck`. */
export interface FsckResult {
  /** Objects that were looked at. */
  readonly checked: number;
  /** Those of the cache are in quarantine now. */
  readonly damaged: readonly DamagedObject[];
  /** How many are sound again, or there again. */
  readonly repaired: number;
  /** What the lockfile names and nobody who was asked has. */
  readonly missing: readonly { readonly digest: Digest; readonly paths: readonly string[] }[];
}

/** What `fsck` was asked. */
export interface FsckRequest {
  /** As typed. None: everything that is in the cache. */
  readonly targets: readonly string[];
  /** Whether other copies take the place of what is damaged or missing. */
  readonly repair: boolean;
  /** A remote to hash as well, and to ask for what is missing here; null: none, or the default one for a repair. */
  readonly remote: string | null;
  /** Sizes alone are compared. */
  readonly fast: boolean;
}

/** Holds the cache to its digests, and to what the lockfile needs. */
export async function checkCache(project: Project, request: FsckRequest): Promise<FsckResult> {
  const { targets, fast } = request;
  const { cache } = await openWorkspace(project);
  const selected = selectPaths(project.readLockfile(), await project.pipeline(), targets, project);
  const known = quarantined(cache);
  const needed = needsOf(cache, selected);
  checkInside(cache, selected);
  // Lists of files were read on the way, and a damaged one is in quarantine since.
  const earlier = new Set([...quarantined(cache)].flatMap(([name, digest]) => (known.has(name) ? [] : [digest])));
  const isWhole = targets.length === 0 && !fast;
  const steps = isWhole ? lookAtAll(cache) : look(cache, sizesOf(cache, targets, needed), needed, fast);
  const looked = await inTurns(steps, 'verify', project);
  if (isWhole) mend(project, cache);
  const bad = new Set([...quarantined(cache)].flatMap(([name, digest]) => (known.has(name) ? [] : [digest])));
  const before = bad.size === 0 ? needed : needsOf(cache, selected);
  const lost = new Set([...bad, ...missingOf(cache, before).keys()]);
  if (request.repair) await repair(project, selected, lost, request.remote);
  // What is in a list of files is known when that is there again.
  const after = request.repair && lost.size > 0 ? needsOf(cache, selected) : before;
  const there = await onRemote(project, request, targets.length === 0 ? null : new Set(after.keys()));
  const missing = await stillMissing(project, missingOf(cache, after), request.remote);
  const pathsIn = (digest: Digest) => pathsOf(after.get(digest) ?? needed.get(digest));
  return {
    checked: looked + earlier.size + there.checked,
    damaged: [
      ...[...bad].map((digest) => describe(cache, digest, after.get(digest) ?? needed.get(digest))),
      ...[...there.damaged].map((digest) => {
        return { digest, where: 'remote' as const, paths: pathsIn(digest), repaired: there.repaired.has(digest) };
      }),
    ],
    repaired: [...lost].filter((digest) => cache.has(digest)).length + there.repaired.size,
    missing: [...missing].map(([digest, objects]) => ({ digest, paths: pathsOf(objects) })),
  };
}

/** What is wrong on the remote, mended if that was asked for. */
async function onRemote(
  project: Project,
  { remote, repair: isRepair, fast, targets }: FsckRequest,
  wanted: ReadonlySet<Digest> | null,
): Promise<RemoteFindings> {
  if (remote === null || fast) return NOTHING_THERE;
  const there = await checkOnRemote(project, { name: remote, wanted, repair: isRepair });
  // What was in a pack that is cut off is put there anew.
  if (isRepair && there.broken.size > 0) await pushObjects(project, { targets, remote, jobs: null, dryRun: false });
  return there;
}

type Needs = Map<Digest, WantedObject[]>;

function needsOf(cache: Cache, selected: ReadonlyMap<string, SelectedPath>): Needs {
  const { objects, missingTrees } = collectSound(cache, selected);
  const needs: Needs = new Map();
  for (const object of [...objects, ...missingTrees]) {
    const known = needs.get(object.digest);
    if (known === undefined) needs.set(object.digest, [object]);
    else known.push(object);
  }
  return needs;
}

function missingOf(cache: Cache, needs: Needs): Needs {
  const isThere = cache.presence();
  return new Map([...needs].filter(([digest]) => !isThere(digest)));
}

function describe(cache: Cache, digest: Digest, needs: readonly WantedObject[] | undefined): DamagedObject {
  return { digest, where: 'cache', paths: pathsOf(needs), repaired: cache.has(digest) };
}

/** Everything that is in the cache, in the order in which it lies; what is damaged is in quarantine afterwards. Returns how many. */
function* lookAtAll(cache: Cache): Steps<number> {
  const loose = [...cache.listLoose()].filter(({ digest }) => !cache.packs.has(digest));
  const count = cache.packs.count() + loose.length;
  yield* cache.packs.verify();
  for (const { digest, size } of loose) {
    cache.isSound(digest);
    yield size;
  }
  return count;
}

function sizesOf(cache: Cache, targets: readonly string[], needs: Needs): Map<Digest, number> {
  const all = new Map<Digest, number>();
  if (targets.length === 0) for (const { digest, size } of cache.list()) all.set(digest, size);
  else for (const digest of needs.keys()) if (cache.has(digest)) all.set(digest, cache.sizeOf(digest) ?? 0);
  return all;
}

/** Whoever is damaged is in quarantine afterwards. */
function* look(cache: Cache, objects: ReadonlyMap<Digest, number>, needs: Needs, fast: boolean): Steps<number> {
  for (const [digest, size] of objects) {
    const expected = needs.get(digest)?.find(({ isTree }) => !isTree)?.size;
    // What has the wrong size is read all the same: then it is in quarantine.
    const isSuspect = !fast || (expected !== undefined && expected !== size);
    if (isSuspect) cache.isSound(digest);
    yield isSuspect ? size : 0;
  }
  return objects.size;
}

/** What is wrong with a pack and with none of its objects comes from somewhere: the next time it may be an object. */
function mend({ layout, report }: Project, { dir }: Cache): void {
  const packs = mendPacks(dir, layout.tmp);
  if (packs === 0) return;
  const message = `The index of ${packs === 1 ? 'a pack' : `${packs} packs`} of the cache was damaged, and is sound again.`;
  report({ type: 'warning', message, hint: 'No object was lost by it; look whether the disk is failing.' });
}

function pathsOf(objects: readonly WantedObject[] | undefined): string[] {
  return [...new Set((objects ?? []).map(({ path }) => path))].sort(compareCodePoints);
}
