import { buffer } from 'node:stream/consumers';
import type { Digest } from '../../../core/digest.ts';
import { MlopsError } from '../../../core/errors.ts';
import { KnownIndexes, decodeIndex, type KnownIndex } from '../../../stores/cache/known-indexes.ts';
import {
  decodePackEnd,
  encodePackIndex,
  PACK_HEADER,
  PACK_TAIL,
  type PackedObject,
} from '../../../stores/cache/pack-format.ts';
import { INDEXES, indexKeyOf, packKeyOf, packNameOf, PACKS } from '../../../stores/remotes/object-key.ts';
import type { Remote } from '../../../stores/remotes/remote.ts';
import { mapConcurrent } from '../../../system/map-concurrent.ts';

/** A pack on a remote, as its index describes it: a map, until bytes are hashed. */
export interface RemotePack extends KnownIndex {
  readonly name: string;
}

/** The packs of a remote when they were listed. */
export interface RemotePacks {
  readonly packs: readonly RemotePack[];
  /** Names of packs that are cut off, or whose index is damaged: they are sent anew, over what is there. */
  readonly broken: ReadonlySet<string>;
  /** Requests that it took to see whether packs are there. */
  readonly checks: number;
  /** Where an object is. */
  find(digest: Digest): { readonly pack: RemotePack; readonly object: PackedObject } | undefined;
}

/**
 * Lists the packs of a remote. Indexes that are known are not asked for again. With `checked` each pack is looked for, too:
 * an index alone does not say that its pack is there.
 */
export async function listRemotePacks(remote: Remote, cacheDir: string, checked: boolean): Promise<RemotePacks> {
  const names: string[] = [];
  for await (const { key } of remote.list(INDEXES)) {
    const name = packNameOf(key);
    if (name !== undefined) names.push(name);
  }
  const before = remote.requests;
  const sizes = checked && names.length > 0 ? await sizesOf(remote) : null;
  const checks = remote.requests - before;
  const known = new KnownIndexes(cacheDir);
  const broken = new Set<string>();
  const packs: RemotePack[] = [];
  let isNew = false;
  await mapConcurrent(names, remote.defaultJobs, async (name) => {
    let found: KnownIndex | null | undefined = known.find(name);
    if (found === undefined) {
      isNew = true;
      found = await download(remote, name, known);
    }
    const size = sizes?.get(name);
    const isWhole = sizes === null || (size !== undefined && size === found?.size);
    if (found === null || !isWhole) broken.add(name);
    if (found !== null && isWhole) packs.push({ name, ...found });
  });
  if (isNew) known.sweep();
  return { packs, broken, checks, find: finderIn(packs) };
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

async function sizesOf(remote: Remote): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for await (const { key, size } of remote.list(PACKS)) {
    const name = packNameOf(key);
    if (name !== undefined) sizes.set(name, size);
  }
  return sizes;
}

/** Null when neither the index nor the pack can be read. */
async function download(remote: Remote, name: string, known: KnownIndexes): Promise<KnownIndex | null> {
  for (const read of [() => readIndex(remote, name), () => readEnd(remote, name)]) {
    try {
      const bytes = await read();
      const decoded = decodeIndex(bytes, name);
      known.keep(name, bytes);
      return decoded;
    } catch (error) {
      if (!(error instanceof MlopsError) || !['damaged', 'data-missing'].includes(error.kind)) throw error;
    }
  }
  return null;
}

async function readIndex(remote: Remote, name: string): Promise<Uint8Array> {
  return buffer(await remote.get(indexKeyOf(name)));
}

/** The same from the end of the pack, where its index is damaged. */
async function readEnd(remote: Remote, name: string): Promise<Uint8Array> {
  const key = packKeyOf(name);
  const size = (await remote.head(key))?.size ?? 0;
  const read = async (offset: number, length: number) => buffer(await remote.get(key, { offset, length }));
  const tail = size < PACK_TAIL ? Buffer.alloc(PACK_TAIL) : await read(size - PACK_TAIL, PACK_TAIL);
  const indexAt = tail.length < PACK_TAIL ? 0 : tail.readUInt32LE(4);
  const end = indexAt === 0 || indexAt >= size ? tail : await read(indexAt, size - indexAt);
  const objects = decodePackEnd(`The pack ${name}`, size, (at, length) =>
    at === 0 ? PACK_HEADER : end.subarray(Math.max(0, at - (size - end.length)), at - (size - end.length) + length),
  );
  return encodePackIndex(objects);
}
