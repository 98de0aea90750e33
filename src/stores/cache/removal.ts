import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestFromHex, hexOf, isDigest } from '../../core/digest.ts';
import { fileError, isMissing } from '../../system/file-error.ts';
import type { Cache } from './cache.ts';
import { removeUnlessWanted } from './leaving.ts';

/** Deletes an object that is a file of its own, and that nobody has put since a moment. False when it stayed, or was gone. */
export function removeObject(cache: Cache, digest: Digest, moment: number): boolean {
  const path = cache.pathOf(digest);
  if (path === undefined) return false;
  try {
    return removeUnlessWanted(join(cache.dir, 'v1'), path, hexOf(digest), (modified) => modified > moment);
  } catch (error) {
    throw fileError(error, `remove an object from the cache in ${cache.dir}`);
  }
}

/** What lies in quarantine: the name that each damaged object has there, and its digest. */
export function quarantined(cache: Cache): Map<string, Digest> {
  try {
    const names = readdirSync(join(cache.dir, 'v1', 'quarantine'));
    const known = names.map((name) => [name, digestFromHex(name.split('.')[0] ?? '')] as const);
    return new Map(known.filter(([, digest]) => isDigest(digest)));
  } catch (error) {
    if (isMissing(error)) return new Map();
    throw fileError(error, `look into the quarantine of the cache in ${cache.dir}`);
  }
}
