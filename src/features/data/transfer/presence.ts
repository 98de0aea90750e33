import type { Digest } from '../../../core/digest.ts';
import { refuseNewerFormat } from '../../../stores/remotes/format.ts';
import { digestOfKey, keyOf, OBJECTS } from '../../../stores/remotes/object-key.ts';
import type { Remote } from '../../../stores/remotes/remote.ts';
import { mapConcurrent } from '../../../system/map-concurrent.ts';
import { listRemotePacks } from './remote-packs.ts';

// Up to so many objects are asked for one by one; a list tells of a thousand at once.
const FEW = 32;
const KEYS_PER_PAGE = 1000;

/** What a remote holds. */
export interface Presence {
  /** Of the objects asked for, those that are there, with their sizes there. */
  readonly sizes: ReadonlyMap<Digest, number>;
  /** Names of packs that are there in part. */
  readonly broken: ReadonlySet<string>;
}

/**
 * Which of these objects a remote holds now, in packs or by themselves. Nothing is remembered from an earlier time, and a
 * tree that is there says nothing of what it names.
 */
export async function findPresent(
  remote: Remote,
  cacheDir: string,
  wanted: Iterable<Digest>,
  jobs: number,
): Promise<Presence> {
  const sizes = new Map<Digest, number>();
  const unknown = new Set(wanted);
  if (unknown.size === 0) return { sizes, broken: new Set() };
  const { find, broken, packs } = await listRemotePacks(remote, cacheDir);
  for (const digest of unknown) {
    const found = find(digest);
    if (found === undefined) continue;
    sizes.set(digest, found.object.length);
    unknown.delete(digest);
  }
  await findSingle(remote, unknown, sizes, jobs);
  if (packs.length === 0 && sizes.size === 0) await refuseNewerFormat(remote);
  return { sizes, broken };
}

/** Which of these objects a remote holds by themselves. */
export async function findSingle(
  remote: Remote,
  unknown: Set<Digest>,
  present: Map<Digest, number>,
  jobs: number,
): Promise<void> {
  if (unknown.size > FEW && (await list(remote, unknown, present))) return;

  await mapConcurrent([...unknown], jobs, async (digest) => {
    const entry = await remote.head(keyOf(digest));
    if (entry !== undefined) present.set(digest, entry.size);
  });
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
