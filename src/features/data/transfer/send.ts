import { createReadStream, statSync } from 'node:fs';
import type { Digest } from '../../../core/digest.ts';
import { MlopsError } from '../../../core/errors.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import { KnownIndexes } from '../../../stores/cache/known-indexes.ts';
import { encodePackIndex } from '../../../stores/cache/pack-index.ts';
import { isWholePack, makePack, type MadePack, ofOneObject } from '../../../stores/cache/whole-packs.ts';
import { indexKeyOf, keyOf, packKeyOf } from '../../../stores/remotes/object-key.ts';
import type { Content, Remote } from '../../../stores/remotes/remote.ts';
import { DigestStream } from '../../../system/hash.ts';
import type { LostObject, Move, MoveParcel, Tally } from './loop.ts';
import type { PackParcel } from './pack-plan.ts';

/** Where objects are sent from and to. */
export interface Sending {
  readonly cache: Cache;
  readonly remote: Remote;
  readonly tally: Tally;
  /** Sizes of copies on the remote that are to be replaced. */
  readonly present: ReadonlyMap<Digest, number>;
  /** What a collection is about to delete: it is put over what is there. */
  readonly condemned: ReadonlySet<Digest>;
  /** Packs on the remote that are to be replaced; null for all. */
  readonly broken: ReadonlySet<string> | null;
}

// Up to here an object is verified and sent in one piece from memory.
const IN_MEMORY = 8 << 20;

/** Sends objects by themselves. */
export function upload({ cache, remote, present, condemned, tally }: Sending): Move {
  return async ({ digest }) => {
    const size = cache.sizeOf(digest);
    if (size === undefined) throw inNeither(remote);
    const content = await contentOf(cache, digest, size);
    const isNew = await remote.put(
      keyOf(digest),
      content,
      present.has(digest) || condemned.has(digest) ? 'always' : 'if-absent',
    );
    if (isNew) return size;
    tally.alreadyThere += 1;
    return null;
  };
}

/** Only counts what would be sent. */
export function pretendUpload({ cache, remote, tally }: Sending): Move {
  return async ({ digest }) => {
    const size = cache.sizeOf(digest);
    if (size === undefined) throw inNeither(remote);
    tally.unsent += 1;
    return size;
  };
}

/** Sends packs, each before its index: without that it does not count. */
export function uploadPack({ cache, remote, broken, condemned }: Sending): MoveParcel<PackParcel> {
  return async (parcel) => {
    const lost: LostObject[] = [];
    const pack = wholeOf(parcel) ?? make(cache, parcel, lost);
    if (pack === null) return { moved: [], bytes: 0, lost };
    try {
      const { name, path } = pack;
      const isCondemned = parcel.objects.some(({ digest }) => condemned.has(digest));
      const mode = broken === null || broken.has(name) || isCondemned ? 'always' : 'if-absent';
      await remote.put(packKeyOf(name), { type: 'file', path, size: statSync(path).size }, mode);
      const bytes = encodePackIndex(pack.objects);
      await remote.put(indexKeyOf(name), { type: 'bytes', bytes }, mode);
      if (parcel.pack === null) new KnownIndexes(cache.dir).keep(name, bytes);
    } finally {
      pack.drop();
    }
    const failed = new Set(lost.map(({ object }) => object));
    const moved = parcel.objects.filter((object) => !failed.has(object));
    return { moved, bytes: moved.reduce((sum, { size }) => sum + size, 0), lost };
  };
}

/** Only counts what would be sent. */
export function pretendUploadPack({ cache, remote, tally }: Sending): MoveParcel<PackParcel> {
  return async ({ objects }) => {
    const isThere = cache.presence();
    const moved = objects.filter(({ digest }) => isThere(digest));
    const lost = objects.filter(({ digest }) => !isThere(digest));
    if (moved.length > 0) tally.unsent += 2;
    const bytes = moved.reduce((sum, { size }) => sum + size, 0);
    return { moved, bytes, lost: lost.map((object) => ({ object, error: inNeither(remote) })) };
  };
}

/** A pack of the cache that has its bytes. From one that has not, the sound objects are taken one by one. */
function wholeOf({ pack }: PackParcel): MadePack | null {
  if (pack === null || !isWholePack(pack)) return null;
  const { name, path, index } = pack;
  return { name, path, objects: [...index.objects()], drop: () => undefined };
}

function make(cache: Cache, { objects }: PackParcel, lost: LostObject[]): MadePack | null {
  const wanted = new Map(objects.map((object) => [object.digest, object]));
  return makePack(cache.dir, wanted.keys(), (digest) => {
    try {
      return cache.readBytes(digest);
    } catch (error) {
      const object = wanted.get(digest);
      if (object !== undefined) lost.push({ object, error: ofOneObject(error) });
      return undefined;
    }
  });
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

function inNeither(remote: Remote): MlopsError {
  return new MlopsError('data-missing', `Neither the cache nor ${remote.url} has it.`);
}
