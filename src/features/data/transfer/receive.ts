import { buffer } from 'node:stream/consumers';
import { MlopsError } from '../../../core/errors.ts';
import { shellWord } from '../../../core/shell-word.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import { receiveLarge } from '../../../stores/cache/resume.ts';
import { receivePack } from '../../../stores/cache/whole-packs.ts';
import { keyOf, packKeyOf } from '../../../stores/remotes/object-key.ts';
import type { ByteRange, Remote } from '../../../stores/remotes/remote.ts';
import { digestOf } from '../../../system/hash.ts';
import type { LostObject, Move, Moved, MoveParcel } from './loop.ts';
import type { PackRoute } from './pack-routes.ts';
import type { PlannedObject } from './plan.ts';

// What is so large goes on where it was cut off.
const LARGE = 8 << 20;

/** Brings objects by themselves. Every byte is hashed before it gets its name. One that was altered on its way is asked for once more. */
export function download(remote: Remote, cache: Cache, isKept: boolean): Move {
  return async ({ digest, size, paths }, count) => {
    try {
      return await receive();
    } catch (error) {
      if (!(error instanceof MlopsError) || error.kind !== 'damaged') throw told(error, remote, paths);
    }
    try {
      return await receive();
    } catch (error) {
      throw told(error, remote, paths);
    }

    async function receive(): Promise<number> {
      let bytes = 0;
      const counter = (length: number) => {
        bytes += length;
        count(length);
      };
      const key = keyOf(digest);
      if (size < LARGE || !isKept) await cache.putStream(digest, counted(await remote.get(key), counter));
      else
        await receiveLarge(cache.dir, digest, async (offset) => counted(await remote.get(key, rest(offset)), counter));
      return bytes;
    }
  };
}

/** Brings a pack, or a range of one. What came damaged, or is not where the index says, is lost. */
export function downloadPack(remote: Remote, cache: Cache, isKept: boolean): MoveParcel<PackRoute> {
  return async (route, count) => {
    const { pack, range } = route;
    if (range === null && isKept) return bringWhole(remote, cache, route, count);
    const part = range ?? { offset: 0, length: pack.size };
    let bytes: Buffer = Buffer.alloc(0);
    const moved = new Set<PlannedObject>();
    // What was altered on its way is asked for once more.
    for (let attempt = 0; attempt < 2 && moved.size < route.placed.length; attempt++) {
      bytes = await buffer(counted(await remote.get(packKeyOf(pack.name), part), count));
      for (const { object, place } of route.placed) {
        if (moved.has(object)) continue;
        const found = bytes.subarray(place.offset - part.offset, place.offset - part.offset + place.length);
        if (digestOf(found) !== object.digest) continue;
        await cache.putStream(object.digest, only(found));
        moved.add(object);
      }
    }
    if (range === null) await keepOthers(cache, route, bytes);
    return outcome(route, remote, (object) => moved.has(object));
  };
}

/** A failure of one object in the words of a transfer. */
export function told(error: unknown, remote: Remote, paths: readonly string[]): unknown {
  if (!(error instanceof MlopsError)) return error;
  if (error.kind === 'data-missing') {
    const hint = error.hint === null ? {} : { hint: error.hint };
    return new MlopsError('data-missing', `Neither the cache nor ${remote.url} has it.`, { cause: error, ...hint });
  }
  return error.kind === 'damaged' ? damagedThere(remote, paths, error) : error;
}

async function bringWhole(
  remote: Remote,
  cache: Cache,
  route: PackRoute,
  count: (bytes: number) => void,
): Promise<Moved> {
  const { name } = route.pack;
  for (let attempt = 0; ; attempt++) {
    try {
      const objects = await receivePack(cache.dir, name, counted(await remote.get(packKeyOf(name)), count));
      const came = new Set(objects.map(({ digest }) => digest));
      return outcome(route, remote, ({ digest }) => came.has(digest));
    } catch (error) {
      if (!(error instanceof MlopsError) || error.kind !== 'damaged') throw error;
      // Some of it may be sound.
      const parts = { ...route, range: { offset: 0, length: route.pack.size } };
      if (attempt > 0) return downloadPack(remote, cache, false)(parts, count);
    }
  }
}

/** From an offset to the end. */
function rest(offset: number): ByteRange | undefined {
  return offset === 0 ? undefined : { offset, length: Number.MAX_SAFE_INTEGER - offset };
}

/** In a dry run the trees beside those that were asked for are what is asked for next. */
async function keepOthers(cache: Cache, { pack }: PackRoute, bytes: Buffer): Promise<void> {
  for (const { digest, offset, length } of pack.index.objects()) {
    const found = bytes.subarray(offset, offset + length);
    if (!cache.has(digest) && digestOf(found) === digest) await cache.putStream(digest, only(found));
  }
}

function outcome({ objects, placed }: PackRoute, remote: Remote, hasCome: (object: PlannedObject) => boolean): Moved {
  const moved = objects.filter(hasCome);
  const lost: LostObject[] = [];
  for (const object of objects) {
    if (!hasCome(object)) lost.push({ object, error: damagedThere(remote, object.paths) });
  }
  const sizes = new Map(placed.map(({ object, place }) => [object, place.length]));
  return { moved, bytes: moved.reduce((sum, object) => sum + (sizes.get(object) ?? 0), 0), lost };
}

function damagedThere(remote: Remote, paths: readonly string[], cause?: unknown): MlopsError {
  const repair = `mlops push --force ${shellWord(paths[0] ?? '')}`;
  const message = `The copy on ${remote.url} is damaged. To repair it, where the data is whole: ${repair}`;
  return new MlopsError('damaged', message, { cause, hint: repair });
}

async function* counted(body: AsyncIterable<unknown>, count: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    count(chunk.byteLength);
    yield chunk;
  }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
