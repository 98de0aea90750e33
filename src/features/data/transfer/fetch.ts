import type { Digest } from '../../../core/digest.ts';
import { interruption, MlopsError } from '../../../core/errors.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import { refuseNewerFormat } from '../../../stores/remotes/format.ts';
import type { Remote, RemoteEntry } from '../../../stores/remotes/remote.ts';
import type { WantedObject } from '../collect.ts';
import { checkTargets } from '../inside.ts';
import { collectWhole } from './collect.ts';
import { loopOptions, type Transfer } from './context.ts';
import { fail, type LostObject, type Move, moveObjects, moveParcels } from './loop.ts';
import { type PackRoute, planRoutes } from './pack-routes.ts';
import { countObjects, type PlannedObject, planTransfer } from './plan.ts';
import { findSingle } from './presence.ts';
import { download, downloadPack } from './receive.ts';
import { finderIn, listRemotePacks, type RemotePacks } from './remote-packs.ts';

/** Brings what the cache lacks. Trees come first, since only they say what else is wanted. */
export async function fetchPaths(transfer: Transfer): Promise<void> {
  const { cache, dryRun, paths, tally } = transfer;
  const askedFor = new Set<Digest>();
  const wanted = await collectWhole(cache, paths, async (trees) => {
    await bringTrees(transfer, cache, trees);
    for (const { digest } of trees) askedFor.add(digest);
  });

  checkTargets(cache, paths);

  const isHere = cache.presence();
  const planned = planTransfer(wanted, (digest) => isHere(digest) || askedFor.has(digest));
  planned.sort((a, b) => b.size - a.size);
  tally.alreadyThere += countObjects(wanted.filter(({ digest }) => isHere(digest) && !askedFor.has(digest)));
  if (planned.length > 0) await bringObjects(transfer, cache, planned, dryRun);
}

/** Brings trees into a cache, in a dry run too; those that cannot be had are told as failures. */
export async function bringTrees(transfer: Transfer, cache: Cache, trees: readonly WantedObject[]): Promise<void> {
  const planned = planTransfer(trees, (digest) => cache.has(digest));
  if (planned.length > 0) await bringObjects(transfer, cache, planned, false);
}

/** So many packs are tried that have an object, when what comes of them is damaged. */
const ATTEMPTS = 3;

/** Brings objects from packs, and from where they are by themselves. */
export async function bringObjects(
  transfer: Transfer,
  cache: Cache,
  planned: readonly PlannedObject[],
  isPretence: boolean,
): Promise<void> {
  const remote = await transfer.remote();
  const { tally } = transfer;
  const options = loopOptions(transfer, 'fetch', remote);
  const packsThere = await listOnce(remote, cache.dir).catch((error: unknown) => asOf(transfer, error));
  if (packsThere instanceof MlopsError) {
    for (const object of planned) fail(object, tally, packsThere);
    return;
  }
  const { packs } = packsThere;
  const reasons = new Map<Digest, MlopsError>();
  const bad = new Set<string>();
  let left = planned;
  const single: PlannedObject[] = [];
  await inBatch(cache, async (batch) => {
    for (let attempt = 0; attempt < ATTEMPTS && left.length > 0; attempt++) {
      const plan = planRoutes(left, finderIn(packs.filter(({ name }) => !bad.has(name))));
      single.push(...plan.single);
      const move = isPretence ? pretendPack(transfer) : downloadPack(remote, batch, !transfer.dryRun);
      const lost = await moveParcels(plan.routes, move, tally, options);
      left = lost.filter(mayBeElsewhere).map(({ object }) => object);
      for (const { object, error } of lost) {
        reasons.set(object.digest, error);
        if (!mayBeElsewhere({ object, error })) fail(object, tally, error);
      }
      const failed = new Set(left);
      for (const { pack, objects } of plan.routes) if (objects.some((one) => failed.has(one))) bad.add(pack.name);
    }
    single.push(...left);
    const move = isPretence
      ? await pretendDownload(remote, transfer, single)
      : download(remote, batch, !transfer.dryRun);
    await moveObjects(single, withReasons(move, reasons), tally, options);
  });
  if (packs.length === 0 && tally.objects === 0 && tally.unavailable === null) await refuseNewerFormat(remote);
}

/** A remote that cannot be used has none of it. */
function asOf({ signal, tally }: Transfer, error: unknown): MlopsError {
  if (signal.aborted) throw interruption(signal.reason);
  if (!(error instanceof MlopsError) || error.kind !== 'remote-unavailable') throw error;
  return (tally.unavailable ??= error);
}

function mayBeElsewhere({ error }: LostObject): boolean {
  return error.kind === 'damaged' || error.kind === 'data-missing';
}

/** What was damaged in a pack is not merely missing where it was looked for afterwards. */
function withReasons(move: Move, reasons: ReadonlyMap<Digest, MlopsError>): Move {
  return async (object, count) => {
    try {
      return await move(object, count);
    } catch (error) {
      const reason = reasons.get(object.digest);
      if (reason?.kind !== 'damaged' || !(error instanceof MlopsError) || error.kind !== 'data-missing') throw error;
      throw reason;
    }
  };
}

/** What has come gets its name, also when the rest is cut off. */
async function inBatch(cache: Cache, work: (batch: Cache) => Promise<void>): Promise<void> {
  const cut = await cache.batch(async (batch) => {
    try {
      await work(batch);
      return null;
    } catch (error) {
      return { error };
    }
  });
  if (cut !== null) throw cut.error;
}

const listed = new WeakMap<Remote, Promise<RemotePacks>>();

/** A remote is opened for one command, and its packs are listed once in that. */
function listOnce(remote: Remote, cacheDir: string): Promise<RemotePacks> {
  const known = listed.get(remote) ?? listRemotePacks(remote, cacheDir);
  listed.set(remote, known);
  return known;
}

function pretendPack({ tally }: Transfer) {
  return async ({ objects, placed }: PackRoute) => {
    tally.unsent += 1;
    return { moved: objects, bytes: placed.reduce((sum, { place }) => sum + place.length, 0), lost: [] };
  };
}

async function pretendDownload(remote: Remote, transfer: Transfer, planned: readonly PlannedObject[]): Promise<Move> {
  const before = remote.requests;
  const present = new Map<Digest, RemoteEntry>();
  const unknown = new Set(planned.map(({ digest }) => digest));
  await findSingle(remote, unknown, present, transfer.jobs ?? remote.defaultJobs);
  // The real run asks for each at once, and not first whether it is there.
  transfer.tally.unsent += planned.length - (remote.requests - before);
  return async ({ digest }) => {
    const size = present.get(digest)?.size;
    if (size !== undefined) return size;
    throw new MlopsError('data-missing', `Neither the cache nor ${remote.url} has it.`);
  };
}
