import { join } from 'node:path';
import { lookAt } from '../../../system/list-files.ts';
import { LARGEST_UNFINISHED } from '../checkout/may-lose.ts';
import { collectSound } from './collect.ts';
import type { Transfer } from './context.ts';
import { bringObjects } from './fetch.ts';
import { newTally } from './loop.ts';
import { planTransfer } from './plan.ts';

/**
 * In a dry run: brings the bytes of small files of which the workspace may have the beginning, since nothing else tells whether
 * a checkout would finish it or keep it.
 */
export async function bringBeginnings(transfer: Transfer, root: string): Promise<void> {
  const { cache, paths, tally } = transfer;
  const cut = collectSound(cache, paths).objects.filter(({ isTree, size, path, digest }) => {
    if (isTree || size > LARGEST_UNFINISHED || cache.has(digest)) return false;
    const stat = lookAt(join(root, path));
    return stat?.isFile() === true && stat.size < size;
  });
  if (cut.length === 0) return;
  const remote = await transfer.remote();
  const before = remote.requests;
  const planned = planTransfer(cut, () => false);
  await bringObjects({ ...transfer, tally: newTally() }, cache, planned, false);
  // What was asked for this is asked by no real run.
  tally.unsent -= remote.requests - before;
}
