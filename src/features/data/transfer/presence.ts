import type { Digest } from '../../../core/digest.ts';
import { digestOfKey, keyOf, OBJECTS } from '../../../stores/remotes/object-key.ts';
import type { Remote } from '../../../stores/remotes/remote.ts';
import { mapConcurrent } from '../../../system/map-concurrent.ts';

// Up to so many objects are asked for one by one; a list tells of a thousand at once.
const FEW = 32;
const KEYS_PER_PAGE = 1000;

/**
 * Which of these objects a remote holds now, with their sizes there. Nothing is remembered from an earlier time, and a
 * tree that is there says nothing of what it names.
 */
export async function findPresent(
  remote: Remote,
  wanted: Iterable<Digest>,
  jobs: number,
): Promise<ReadonlyMap<Digest, number>> {
  const unknown = new Set(wanted);
  const present = new Map<Digest, number>();
  if (unknown.size > FEW && (await list(remote, unknown, present))) return present;

  await mapConcurrent([...unknown], jobs, async (digest) => {
    const entry = await remote.head(keyOf(digest));
    if (entry !== undefined) present.set(digest, entry.size);
  });
  return present;
}

/** Takes what it finds out of `unknown`. Gives up, with false, where the list is longer than asking one by one. */
async function list(remote: Remote, unknown: Set<Digest>, present: Map<Digest, number>): Promise<boolean> {
  let seen = 0;
  for await (const { key, size } of remote.list(OBJECTS)) {
    seen += 1;
    const digest = digestOfKey(key);
    if (digest !== undefined && unknown.delete(digest)) present.set(digest, size);
    if (unknown.size === 0) return true;
    if (seen > unknown.size * KEYS_PER_PAGE) return false;
  }
  return true;
}
