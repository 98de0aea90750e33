import type { Digest } from '../../../core/digest.ts';
import { MlopsError } from '../../../core/errors.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import { digestOf } from '../../../system/hash.ts';

/** A cache in which some objects count as there, whose bytes are not: for a look at what could be done if they were. */
export function supposing(cache: Cache, digests: readonly Digest[]): Cache {
  const supposed = new Set(digests);
  return {
    ...cache,
    has: (digest) => supposed.has(digest) || cache.has(digest),
    presence() {
      const below = cache.presence();
      return (digest) => supposed.has(digest) || below(digest);
    },
    isSound: (digest) => supposed.has(digest) || cache.isSound(digest),
  };
}

/** A cache that keeps what it is given in memory, above one that stays as it is: for a look at trees in a dry run. */
export function overlayOf(cache: Cache): Cache {
  const above = new Map<Digest, Uint8Array>();
  const overlay: Cache = {
    dir: cache.dir,
    packs: cache.packs,
    has: (digest) => above.has(digest) || cache.has(digest),
    presence() {
      const below = cache.presence();
      return (digest) => above.has(digest) || below(digest);
    },
    sizeOf: (digest) => above.get(digest)?.byteLength ?? cache.sizeOf(digest),
    readBytes: (digest) => above.get(digest) ?? cache.readBytes(digest),
    async putStream(digest, source) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of source) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      if (digestOf(bytes) !== digest) throw new MlopsError('damaged', `What came for ${digest} is something else.`);
      above.set(digest, bytes);
    },
    putBytes: (bytes) => cache.putBytes(bytes),
    putRead: (digest, bytes) => cache.putRead(digest, bytes),
    putFile: (path) => cache.putFile(path),
    putFileInSteps: (...file) => cache.putFileInSteps(...file),
    batch: async (work) => work(overlay),
    isSound: (digest) => above.has(digest) || cache.isSound(digest),
    pathOf: (digest) => cache.pathOf(digest),
    touch: (digest) => cache.touch(digest),
    checkoutFile: (...wanted) => cache.checkoutFile(...wanted),
    list: () => cache.list(),
    listLoose: () => cache.listLoose(),
  };
  return overlay;
}
