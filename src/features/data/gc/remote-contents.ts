import type { Digest } from '../../../core/digest.ts';
import { abandoned, type Note, readNotes } from '../../../stores/remotes/deleting.ts';
import { digestOfKey, OBJECTS } from '../../../stores/remotes/object-key.ts';
import type { Remote, RemoteEntry } from '../../../stores/remotes/remote.ts';
import { listRemotePacks, type RemotePack } from '../transfer/remote-packs.ts';

/** All that a remote holds, as it was listed. */
export interface Contents {
  readonly single: ReadonlyMap<Digest, RemoteEntry>;
  readonly packs: readonly RemotePack[];
  readonly notes: readonly Note[];
  /** Names of packs that are cut off, or whose index is. */
  readonly broken: ReadonlySet<string>;
  /** Keys of those who began to delete and ended without a word. */
  readonly abandoned: readonly string[];
  /** Every object with its size, wherever it lies. */
  readonly sizes: ReadonlyMap<Digest, number>;
}

/** Lists a remote. */
export async function readContents(remote: Remote, cacheDir: string): Promise<Contents> {
  const { packs, notes, broken } = await listRemotePacks(remote, cacheDir);
  const single = new Map<Digest, RemoteEntry>();
  for await (const entry of remote.list(OBJECTS)) {
    const digest = digestOfKey(entry.key);
    if (digest !== undefined) single.set(digest, entry);
  }
  const sizes = new Map<Digest, number>();
  for (const { index } of packs) for (const { digest, length } of index.objects()) sizes.set(digest, length);
  for (const [digest, { size }] of single) sizes.set(digest, size);
  return {
    single,
    packs,
    broken,
    notes: await readNotes(remote, notes),
    abandoned: abandoned(notes, Date.now() - DAY),
    sizes,
  };
}

const DAY = 24 * 3600 * 1000;
