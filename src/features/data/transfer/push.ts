import { createReadStream } from 'node:fs';
import type { Digest } from '../../../core/digest.ts';
import { MlopsError } from '../../../core/errors.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import { keyOf } from '../../../stores/remotes/object-key.ts';
import type { Content, Remote } from '../../../stores/remotes/remote.ts';
import { DigestStream } from '../../../system/hash.ts';
import { coverOf } from '../add/cover.ts';
import { checkInside } from '../select.ts';
import { collectWhole } from './collect.ts';
import { loopOptions, type Transfer } from './context.ts';
import { bringTrees } from './fetch.ts';
import { type Move, moveObjects, type Tally } from './loop.ts';
import { countObjects, parentOf, type PlannedObject, planTransfer, pushSteps } from './plan.ts';
import { findPresent } from './presence.ts';

// Up to here an object is verified and sent in one piece from memory.
const IN_MEMORY = 8 << 20;

/**
 * Sends what the remote lacks; forced, all that is here, in place of copies that may be damaged. Presence is asked anew, object by object: a tree that is there proves nothing of its files.
 */
export async function pushPaths(transfer: Transfer, force: boolean): Promise<void> {
  const { cache, dryRun, paths, tally } = transfer;
  const remote = await transfer.remote();
  const isThere = await remote.prepare({ dryRun: true });
  if (!isThere && !dryRun) await remote.prepare({ dryRun });
  const wanted = await collectWhole(cache, paths, async (trees) => {
    if (isThere) await bringTrees({ ...transfer, tally: unheard(tally) }, cache, trees);
  });

  checkInside(cache, paths);

  const options = loopOptions(transfer, 'push', remote);
  const digests = wanted.map(({ digest }) => digest);
  const present = isThere ? await findPresent(remote, digests, options.jobs) : new Map<Digest, number>();
  // A copy with another size was cut off or altered: it is put there anew.
  const isSound = (digest: Digest) =>
    present.has(digest) &&
    sizeIn(cache, digest, present) === present.get(digest) &&
    !(force && cache.sizeOf(digest) !== undefined);
  const planned = planTransfer(wanted, isSound);
  tally.alreadyThere += countObjects(wanted) - planned.length;

  const named = new Set([...paths.values()].map(({ digest }) => digest));
  const move = dryRun ? pretendUpload(cache, remote, tally) : upload(cache, remote, present, tally);
  const whole = planned.filter((object) => !isPartial(object, paths));
  for (const step of pushSteps(whole, named)) {
    const { ready, heldBack } = holdBack(step, tally);
    await moveObjects(ready, move, tally, options);
    for (const { paths: wantedBy, digest } of heldBack.filter((tree) => named.has(tree.digest))) {
      for (const path of wantedBy) tally.failed.push({ path, digest, reason: 'Left out, since a part of it failed.' });
    }
  }
}

/** A tree of which only a part is pushed: the remote gets it once all that it names is pushed. */
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

function upload(cache: Cache, remote: Remote, present: ReadonlyMap<Digest, number>, tally: Tally): Move {
  return async ({ digest }) => {
    const size = cache.sizeOf(digest);
    if (size === undefined) throw inNeither(remote);
    const content = await contentOf(cache, digest, size);
    const isNew = await remote.put(keyOf(digest), content, present.has(digest) ? 'always' : 'if-absent');
    if (isNew) return size;
    tally.alreadyThere += 1;
    return null;
  };
}

function pretendUpload(cache: Cache, remote: Remote, tally: Tally): Move {
  return async ({ digest }) => {
    const size = cache.sizeOf(digest);
    if (size === undefined) throw inNeither(remote);
    tally.unsent += 1;
    return size;
  };
}

/** Verified: damage in the cache must not spread. */
async function contentOf(cache: Cache, digest: Digest, size: number): Promise<Content> {
  const path = size > IN_MEMORY ? cache.pathOf(digest) : undefined;
  if (path === undefined) return { type: 'bytes', bytes: cache.readBytes(digest) };

  const stream = new DigestStream();
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) stream.update(chunk as Buffer);
  if (stream.digest() === digest) return { type: 'file', path, size };
  // Read once more where a damaged object is put into quarantine.
  if (cache.isSound(digest)) return contentOf(cache, digest, size);
  throw new MlopsError('damaged', 'Its copy in the cache is damaged; it was moved to quarantine.', {
    hint: 'mlops fetch',
  });
}

function sizeIn(cache: Cache, digest: Digest, present: ReadonlyMap<Digest, number>): number | undefined {
  return cache.sizeOf(digest) ?? present.get(digest);
}

function inNeither(remote: Remote): MlopsError {
  return new MlopsError('data-missing', `Neither the cache nor ${remote.url} has it.`);
}

/** Trees that a push only looks at are not what it moves. */
function unheard(tally: Tally): Tally {
  return { ...tally, paths: [], failed: [] };
}
