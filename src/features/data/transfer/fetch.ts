import type { Digest } from '../../../core/digest.ts';
import { MlopsError } from '../../../core/errors.ts';
import { shellWord } from '../../../core/shell-word.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import { keyOf } from '../../../stores/remotes/object-key.ts';
import type { Remote } from '../../../stores/remotes/remote.ts';
import type { WantedObject } from '../collect.ts';
import { checkInside } from '../select.ts';
import { collectWhole } from './collect.ts';
import { loopOptions, type Transfer } from './context.ts';
import { type Move, moveObjects } from './loop.ts';
import { countObjects, planTransfer } from './plan.ts';
import { findPresent } from './presence.ts';

/** Brings what the cache lacks. Trees come first, since only they say what else is wanted. */
export async function fetchPaths(transfer: Transfer): Promise<void> {
  const { cache, dryRun, paths, tally } = transfer;
  const askedFor = new Set<Digest>();
  const wanted = await collectWhole(cache, paths, async (trees) => {
    await bringTrees(transfer, cache, trees);
    for (const { digest } of trees) askedFor.add(digest);
  });

  checkInside(cache, paths);

  const planned = planTransfer(wanted, (digest) => cache.has(digest) || askedFor.has(digest));
  planned.sort((a, b) => b.size - a.size);
  tally.alreadyThere += countObjects(wanted.filter(({ digest }) => cache.has(digest) && !askedFor.has(digest)));
  if (planned.length === 0) return;

  const remote = await transfer.remote();
  const options = loopOptions(transfer, 'fetch', remote);
  if (dryRun) await moveObjects(planned, await pretendDownload(remote, transfer, planned), tally, options);
  else await inBatch(cache, (batch) => moveObjects(planned, download(remote, batch), tally, options));
}

/** Brings trees into a cache; those that cannot be had are told as failures. */
export async function bringTrees(transfer: Transfer, cache: Cache, trees: readonly WantedObject[]): Promise<void> {
  const remote = await transfer.remote();
  const planned = planTransfer(trees, (digest) => cache.has(digest));
  const options = loopOptions(transfer, 'fetch', remote);
  await inBatch(cache, (batch) => moveObjects(planned, download(remote, batch), transfer.tally, options));
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

/** Every byte is hashed before it gets its name. One that was altered on its way is asked for once more. */
function download(remote: Remote, cache: Cache): Move {
  return async ({ digest, paths }, count) => {
    try {
      return await receive();
    } catch (error) {
      if (!(error instanceof MlopsError) || error.kind !== 'damaged') throw told(error);
    }
    try {
      return await receive();
    } catch (error) {
      throw told(error);
    }

    async function receive(): Promise<number> {
      let bytes = 0;
      const body = await remote.get(keyOf(digest));
      async function* counted(): AsyncGenerator<Uint8Array> {
        for await (const chunk of body as AsyncIterable<Uint8Array>) {
          bytes += chunk.byteLength;
          count(chunk.byteLength);
          yield chunk;
        }
      }
      await cache.putStream(digest, counted());
      return bytes;
    }

    function told(error: unknown): unknown {
      if (!(error instanceof MlopsError)) return error;
      if (error.kind === 'data-missing') {
        const hint = error.hint === null ? {} : { hint: error.hint };
        return new MlopsError('data-missing', `Neither the cache nor ${remote.url} has it.`, { cause: error, ...hint });
      }
      if (error.kind !== 'damaged') return error;
      const repair = `mlops push --force ${shellWord(paths[0] ?? '')}`;
      const message = `The copy on ${remote.url} is damaged. To repair it, where the data is whole: ${repair}`;
      return new MlopsError('damaged', message, { cause: error, hint: repair });
    }
  };
}

async function pretendDownload(
  remote: Remote,
  transfer: Transfer,
  planned: readonly { readonly digest: WantedObject['digest'] }[],
): Promise<Move> {
  const wanted = planned.map(({ digest }) => digest);
  const before = remote.requests;
  const present = await findPresent(remote, wanted, transfer.jobs ?? remote.defaultJobs);
  // The real run asks for each at once, and not first whether it is there.
  transfer.tally.unsent += planned.length - (remote.requests - before);
  return async ({ digest }) => {
    const size = present.get(digest);
    if (size !== undefined) return size;
    throw new MlopsError('data-missing', `Neither the cache nor ${remote.url} has it.`);
  };
}
