import type { CacheOptions } from './check-out.ts';
import { ObjectCache } from './object-cache.ts';
import type { Cache } from './objects.ts';

/** What a cache can do. */
export type { Cache } from './objects.ts';

/** Opens the cache in a folder, which is made when the first object comes. */
export function openCache(dir: string, options: CacheOptions): Cache {
  return new ObjectCache(dir, options, null);
}
