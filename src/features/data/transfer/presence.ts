import type { Digest } from '../../../core/digest.ts';
import { isBeingDeleted, isCondemned, momentsOf, readNotes } from '../../../stores/remotes/deleting.ts';
import { refuseNewerFormat } from '../../../stores/remotes/format.ts';
import { digestOfKey, keyOf, OBJECTS } from '../../../stores/remotes/object-key.ts';
import type { Remote, RemoteEntry } from '../../../stores/remotes/remote.ts';
import { mapConcurrent } from '../../../system/map-concurrent.ts';
import { finderIn, listRemotePacks } from './remote-packs.ts';

// Up to so many objects are asked for one by one; a list tells of a thousand at once.
const FEW = 32;
const KEYS_PER_PAGE = 1000;

/** What a remote holds. */
export interface Presence {
  /** Of the objects asked for, those that are there, with their sizes there. */
  readonly sizes: ReadonlyMap<Digest, number>;
  /** Names of packs that are there in part. */
  readonly broken: ReadonlySet<string>;
  /** Those of which a collection is about to delete every copy: they are to be put anew, over what is there. */
  readonly condemned: ReadonlySet<Digest>;
  /** Whether any collection is going on. */
  readonly isCollected: boolean;
  /** Whether somebody is deleting at this moment. */
  readonly isBeingDeleted: boolean;
}

/** What a remote holds that is not there yet. */
export const NOTHING_THERE: Presence = {
  sizes: new Map(),
  broken: new Set(),
  condemned: new Set(),
  isCollected: false,
  isBeingDeleted: false,
};

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
  if (unknown.size === 0) return { ...NOTHING_THERE, sizes };
  const { find, broken, packs, notes } = await listRemotePacks(remote, cacheDir);
  const moments = momentsOf(await readNotes(remote, notes));
  const stays = (digest: Digest, modified: number) => !isCondemned(moments.get(digest), modified);
  const condemned = new Set<Digest>();
  for (const digest of unknown) {
    let found = find(digest);
    if (found !== undefined && !stays(digest, found.pack.modified)) {
      condemned.add(digest);
      found = finderIn(packs.filter(({ modified }) => stays(digest, modified)))(digest);
    }
    if (found === undefined) continue;
    condemned.delete(digest);
    sizes.set(digest, found.object.length);
    unknown.delete(digest);
  }
  const single = new Map<Digest, RemoteEntry>();
  await findSingle(remote, unknown, single, jobs);
  for (const [digest, { size, modified }] of single) {
    if (!stays(digest, modified)) condemned.add(digest);
    else {
      condemned.delete(digest);
      sizes.set(digest, size);
    }
  }
  if (packs.length === 0 && sizes.size + condemned.size === 0) await refuseNewerFormat(remote);
  return { sizes, broken, condemned, isCollected: notes.length > 0, isBeingDeleted: isBeingDeleted(notes) };
}

/** Which of these objects a remote holds by themselves. */
export async function findSingle(
  remote: Remote,
  unknown: Set<Digest>,
  present: Map<Digest, RemoteEntry>,
  jobs: number,
): Promise<void> {
  if (unknown.size > FEW && (await list(remote, unknown, present))) return;

  await mapConcurrent([...unknown], jobs, async (digest) => {
    const entry = await remote.head(keyOf(digest));
    if (entry !== undefined) present.set(digest, entry);
  });
}

/** Takes what it finds out of `unknown`. Gives up, with false, where the list is longer than asking one by one. */
async function list(remote: Remote, unknown: Set<Digest>, present: Map<Digest, RemoteEntry>): Promise<boolean> {
  let seen = 0;
  for await (const entry of remote.list(OBJECTS)) {
    seen += 1;
    const digest = digestOfKey(entry.key);
    if (digest !== undefined && unknown.delete(digest)) present.set(digest, entry);
    if (unknown.size === 0) return true;
    if (seen > unknown.size * KEYS_PER_PAGE) return false;
  }
  return true;
}
