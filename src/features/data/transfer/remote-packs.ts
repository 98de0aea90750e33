import { buffer } from 'node:stream/consumers';
import type { Digest } from '../../../core/digest.ts';
import { MlopsError } from '../../../core/errors.ts';
import { KnownIndexes, decodeIndex, type KnownIndex } from '../../../stores/cache/known-indexes.ts';
import { decodePackEnd, PACK_HEADER, PACK_TAIL, type PackedObject } from '../../../stores/cache/pack-format.ts';
import { encodePackIndex } from '../../../stores/cache/pack-index.ts';
import { DELETING } from '../../../stores/remotes/deleting.ts';
import { refuseMarker } from '../../../stores/remotes/format.ts';
import { INDEXES, indexKeyOf, OBJECTS, packKeyOf, packNameOf, PACKS } from '../../../stores/remotes/object-key.ts';
import type { Remote, RemoteEntry } from '../../../stores/remotes/remote.ts';
import { mapConcurrent } from '../../../system/map-concurrent.ts';

// What comes first of all keys: notes, then indexes, then objects.
const ABOVE = 'v1/';

/** A pack on a remote, as its index describes it: a map, until bytes are hashed. */
export interface RemotePack extends KnownIndex {
  readonly name: string;
  /** When it was put there, as the remote's clock has it. */
  readonly modified: number;
}

/** The packs of a remote when they were listed. */
export interface RemotePacks {
  readonly packs: readonly RemotePack[];
  /** Names of packs that are cut off, or whose index is damaged: they are sent anew, over what is there. */
  readonly broken: ReadonlySet<string>;
  /** Notes of collections, which were listed on the way. */
  readonly notes: readonly RemoteEntry[];
  /** Where an object is. */
  find(digest: Digest): { readonly pack: RemotePack; readonly object: PackedObject } | undefined;
}

/**
 * Lists the packs of a remote, in two requests while they are fewer than a thousand. Indexes that are known are not asked for
 * again; one that does not fit its pack is made from that.
 */
export async function listRemotePacks(remote: Remote, cacheDir: string): Promise<RemotePacks> {
  const { indexes, notes } = await listIndexes(remote);
  const entries = indexes.size > 0 ? await packsBelow(remote) : new Map<string, RemoteEntry>();
  const known = new KnownIndexes(cacheDir);
  const broken = new Set<string>();
  const packs: RemotePack[] = [];
  let isNew = false;
  await mapConcurrent([...indexes], remote.defaultJobs, async ([name, indexSize]) => {
    const { size, modified } = entries.get(name) ?? { size: undefined, modified: 0 };
    let found = known.find(name);
    if (found === undefined && size !== undefined) {
      isNew = true;
      found = await download(remote, name, size, known);
    }
    if (found === undefined || found.size !== size) broken.add(name);
    else packs.push({ name, modified, ...found });
    if (found !== undefined && found.indexSize !== indexSize) broken.add(name);
  });
  if (isNew) known.sweep();
  return { packs, broken, notes, find: finderIn(packs) };
}

/** Finds objects in packs. Those that are asked for one after another mostly lie in the same. */
export function finderIn(packs: readonly RemotePack[]): RemotePacks['find'] {
  let last: RemotePack | undefined;
  return (digest) => {
    const here = last?.index.find(digest);
    if (last !== undefined && here !== undefined) return { pack: last, object: here };
    for (const pack of packs) {
      const object = pack === last ? undefined : pack.index.find(digest);
      if (object === undefined) continue;
      last = pack;
      return { pack, object };
    }
    return undefined;
  };
}

/** The sizes of indexes, and what lies before them: one list has both, and ends before the objects begin. */
async function listIndexes(remote: Remote): Promise<{ indexes: Map<string, number>; notes: RemoteEntry[] }> {
  const indexes = new Map<string, number>();
  const notes: RemoteEntry[] = [];
  for await (const entry of remote.list(ABOVE)) {
    if (entry.key.startsWith(DELETING)) notes.push(entry);
    else if (entry.key >= OBJECTS) break;
    refuseMarker(remote, entry.key);
    const name = entry.key.startsWith(INDEXES) ? packNameOf(entry.key) : undefined;
    if (name !== undefined) indexes.set(name, entry.size);
  }
  return { indexes, notes };
}

async function packsBelow(remote: Remote): Promise<Map<string, RemoteEntry>> {
  const packs = new Map<string, RemoteEntry>();
  for await (const entry of remote.list(PACKS)) {
    const name = packNameOf(entry.key);
    if (name !== undefined) packs.set(name, entry);
  }
  return packs;
}

/** Undefined when neither the index nor the pack can be read. */
async function download(
  remote: Remote,
  name: string,
  size: number,
  known: KnownIndexes,
): Promise<KnownIndex | undefined> {
  const own = async () => buffer(await remote.get(indexKeyOf(name)));
  for (const read of [own, () => readEnd(remote, name, size)]) {
    try {
      const bytes = await read();
      const decoded = decodeIndex(bytes, name);
      if (decoded.size !== size) continue;
      known.keep(name, bytes);
      return decoded;
    } catch (error) {
      if (!(error instanceof MlopsError) || !['damaged', 'data-missing'].includes(error.kind)) throw error;
    }
  }
  return undefined;
}

/** The same from the end of the pack. */
async function readEnd(remote: Remote, name: string, size: number): Promise<Uint8Array> {
  const read = async (offset: number, length: number) => buffer(await remote.get(packKeyOf(name), { offset, length }));
  const tail = size < PACK_TAIL ? Buffer.alloc(0) : await read(size - PACK_TAIL, PACK_TAIL);
  const indexAt = tail.length < PACK_TAIL ? size : tail.readUInt32LE(4);
  const end = indexAt >= size ? tail : await read(indexAt, size - indexAt);
  const start = size - end.length;
  const objects = decodePackEnd(`The pack ${name}`, size, (at, length) =>
    at === 0 ? PACK_HEADER : end.subarray(Math.max(0, at - start), Math.max(0, at - start + length)),
  );
  return encodePackIndex(objects);
}
