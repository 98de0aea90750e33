import { setTimeout as sleep } from 'node:timers/promises';
import type { Digest } from '../../../core/digest.ts';
import { interruption } from '../../../core/errors.ts';
import { packsOf } from '../../../stores/cache/whole-packs.ts';
import { registerProject } from '../../../stores/remotes/projects.ts';
import type { Remote } from '../../../stores/remotes/remote.ts';
import { coverOf } from '../add/cover.ts';
import { checkTargets } from '../inside.ts';
import { type BringTrees, collectWhole } from './collect.ts';
import { loopOptions, type Transfer } from './context.ts';
import { bringObjects, bringTrees } from './fetch.ts';
import { fail, moveObjects, moveParcels, newTally, type Tally } from './loop.ts';
import { planPacks, planTreePacks } from './pack-plan.ts';
import { countObjects, parentOf, type PlannedObject, planTransfer, pushSteps } from './plan.ts';
import { findPresent, NOTHING_THERE, type Presence } from './presence.ts';
import { asWhole } from './whole-folders.ts';
import { pretendUpload, pretendUploadPack, type Sending, upload, uploadPack } from './send.ts';

/**
 * Sends what the remote lacks; forced, all that is here, in place of copies that may be damaged. Presence is asked anew,
 * object by object: a tree that is there proves nothing of its files.
 */
export async function pushPaths(transfer: Transfer, force: boolean): Promise<void> {
  const seen = await pushOnce(transfer, force);
  if (seen.isCollected && !transfer.dryRun) await lookAgain(transfer, seen);
}

/** While somebody collects there, what was seen may have gone meanwhile, until a look finds nothing gone. */
async function lookAgain(transfer: Transfer, first: Presence): Promise<void> {
  const { tally, signal } = transfer;
  let seen = first;
  let before = 0;
  for (let waits = 0; tally.objects > before || (seen.isBeingDeleted && waits < MOST_WAITS); waits++) {
    if (seen.isBeingDeleted) await sleep(WAIT, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) throw interruption(signal.reason);
    before = tally.objects;
    const again = { ...newTally(), objects: tally.objects, bytes: tally.bytes, paths: tally.paths, moved: tally.moved };
    seen = await pushOnce({ ...transfer, tally: again }, false);
    Object.assign(tally, { objects: again.objects, bytes: again.bytes });
    const known = new Set(tally.failed.map(({ path }) => path));
    tally.failed.push(...again.failed.filter(({ path }) => !known.has(path)));
  }
}

// Somebody who ended in the middle of deleting is waited for no longer than this.
const WAIT = 250;
const MOST_WAITS = 120;

/** Returns what was seen there. */
async function pushOnce(transfer: Transfer, force: boolean): Promise<Presence> {
  const { cache, dryRun, paths, tally } = transfer;
  const remote = await transfer.remote();
  const isThere = await remote.prepare({ dryRun: true });
  if (!isThere && !dryRun) await remote.prepare({ dryRun });
  const bring: BringTrees = async (trees) => {
    if (isThere) await bringTrees({ ...transfer, tally: unheard(tally) }, cache, trees);
  };
  const wanted = await collectWhole(cache, paths, bring);

  checkTargets(cache, paths);

  const options = loopOptions(transfer, 'push', remote);
  const ask = async (digests: readonly Digest[]): Promise<Presence> =>
    isThere ? findPresent(remote, cache.dir, digests, options.jobs) : NOTHING_THERE;
  const seen = await ask(wanted.map(({ digest }) => digest));
  const { sizes: present, broken, condemned } = seen;
  // A copy with another size was cut off or altered: it is put there anew.
  const hasAll = (digest: Digest) =>
    present.has(digest) && (cache.sizeOf(digest) ?? present.get(digest)) === present.get(digest);
  const isSound = (digest: Digest) => hasAll(digest) && !(force && cache.sizeOf(digest) !== undefined);
  const planned = planTransfer(wanted, isSound);
  tally.alreadyThere += countObjects(wanted) - planned.length;

  const named = new Set([...paths.values()].map(({ digest }) => digest));
  const sending: Sending = { cache, remote, tally, present, condemned, broken: force ? null : broken };
  if (planned.length > 0) await prepare(transfer, remote, planned, condemned);
  // A tree of which only a part is pushed goes once the remote has all that it names.
  const isOpen = (object: PlannedObject) => isPartial(object, paths) && !hasAll(object.digest);
  const rest = { cache, paths, wanted, bring, present: async (of: readonly Digest[]) => (await ask(of)).sizes };
  const selected = planned.some(isOpen) ? await asWhole(rest) : paths;
  const whole = planned.filter((object) => !isPartial(object, isOpen(object) ? selected : paths));
  const isThereNow = new Set(wanted.flatMap(({ digest }) => (isSound(digest) ? [digest] : [])));
  await sendData(
    whole.filter(({ isTree }) => !isTree),
    isThereNow,
    sending,
    transfer,
  );
  const trees = whole.filter(({ isTree }) => isTree);
  if (trees.length < FEW) await sendFewTrees(trees, named, sending, transfer);
  else await sendTrees(trees, isThereNow, sending, transfer);
  const isSent = new Set(tally.moved);
  for (const { paths: wantedBy, digest } of holdBack(trees, tally).heldBack) {
    if (!named.has(digest) || isSent.has(digest) || tally.failed.some((failure) => failure.digest === digest)) continue;
    for (const path of wantedBy) tally.failed.push({ path, digest, reason: 'Left out, since a part of it failed.' });
  }
  return seen;
}

/** Says whose objects come, and brings those that are only there, and not for long. */
async function prepare(
  transfer: Transfer,
  remote: Remote,
  planned: readonly PlannedObject[],
  condemned: ReadonlySet<Digest>,
): Promise<void> {
  const { cache, dryRun, identity, tally } = transfer;
  if (dryRun) {
    if (identity !== undefined) tally.unsent += 1;
    return;
  }
  if (identity !== undefined) await registerProject(remote, await identity());
  const there = planned.filter(({ digest }) => condemned.has(digest) && !cache.has(digest));
  if (there.length > 0) await bringObjects({ ...transfer, tally: newTally() }, cache, there, false);
}

type Present = ReadonlySet<Digest>;

/** So few are never packed. */
const FEW = 16;

async function sendData(data: readonly PlannedObject[], present: Present, sending: Sending, transfer: Transfer) {
  const { cache, remote, tally } = sending;
  const options = loopOptions(transfer, 'push', remote);
  const going = new Set([...present, ...data.map(({ digest }) => digest)]);
  const packsHere = data.length < FEW ? [] : packsOf(cache.dir);
  const { packs, single } = planPacks(data, packsHere, (digest) => going.has(digest));
  const movePack = transfer.dryRun ? pretendUploadPack(sending) : uploadPack(sending);
  for (const { object, error } of await moveParcels(packs, movePack, tally, options)) fail(object, tally, error);
  // The largest first: a large one at the end would run alone.
  const ordered = single.toSorted((a, b) => b.size - a.size);
  await moveObjects(ordered, transfer.dryRun ? pretendUpload(sending) : upload(sending), tally, options);
}

/** Trees inside others come first: one step is over before the next begins. */
async function sendFewTrees(
  trees: readonly PlannedObject[],
  named: ReadonlySet<Digest>,
  sending: Sending,
  transfer: Transfer,
) {
  const options = loopOptions(transfer, 'push', sending.remote);
  const move = transfer.dryRun ? pretendUpload(sending) : upload(sending);
  for (const step of pushSteps(trees, named)) {
    await moveObjects(holdBack(step, sending.tally).ready, move, sending.tally, options);
  }
}

/** One pack that has them all, or new ones in which each comes after what it names, one after another. */
async function sendTrees(trees: readonly PlannedObject[], present: Present, sending: Sending, transfer: Transfer) {
  const { cache, remote, tally } = sending;
  const options = loopOptions(transfer, 'push', remote);
  const move = transfer.dryRun ? pretendUploadPack(sending) : uploadPack(sending);
  const { ready } = holdBack(trees, tally);
  const going = new Set([...present, ...ready.map(({ digest }) => digest)]);
  for (const parcel of planTreePacks(ready, packsOf(cache.dir), (digest) => going.has(digest))) {
    const { ready: objects, heldBack } = holdBack(parcel.objects, tally);
    if (objects.length === 0) continue;
    const rest = heldBack.length === 0 ? parcel : { pack: null, objects };
    for (const { object, error } of await moveParcels([rest], move, tally, options)) fail(object, tally, error);
  }
}

/** A tree of which only a part is pushed. */
function isPartial({ isTree, paths }: PlannedObject, selected: Transfer['paths']): boolean {
  if (!isTree) return false;
  return paths.some((path) => {
    for (let at = path; at !== ''; at = parentOf(at)) {
      const inside = selected.get(at)?.inside;
      if (inside !== undefined) return coverOf(path.slice(at.length + 1), inside) !== 'all';
    }
    return false;
  });
}

/** Trees above something that failed stay away, so that the remote has none with holes. */
function holdBack(step: readonly PlannedObject[], { failed }: Tally) {
  const incomplete = new Set<string>();
  for (const { path } of failed) {
    for (let at = path; at !== ''; at = parentOf(at)) incomplete.add(at);
  }
  const isIncomplete = ({ isTree, paths }: PlannedObject) => isTree && paths.some((path) => incomplete.has(path));
  return { ready: step.filter((object) => !isIncomplete(object)), heldBack: step.filter(isIncomplete) };
}

/** Trees that a push only looks at are not what it moves. */
function unheard(tally: Tally): Tally {
  return { ...tally, paths: [], failed: [] };
}
