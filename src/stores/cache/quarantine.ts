import { randomUUID } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, hexOf } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import { isMissing } from '../../system/file-error.ts';
import { makeFolder } from '../../system/make-folder.ts';

const HINT = 'Get another copy with `mlops fetch`, or add the file again where it still is.';

/** Puts a damaged object where nothing serves it, so that a sound copy can take its place; returns the error that tells of it. */
export function quarantine(folder: string, digest: Digest, path: string): MlopsError {
  const place = join(folder, 'quarantine');
  try {
    makeFolder(place);
    renameSync(path, join(place, `${hexOf(digest)}.${randomUUID()}`));
  } catch (error) {
    if (!isMissing(error)) {
      const message = `The object ${digest} in the cache is damaged, and cannot be moved out of the way.`;
      return new MlopsError('damaged', message, { hint: HINT, cause: error });
    }
  }
  return damaged(digest);
}

/** The error for an object that is in quarantine. */
export function damaged(digest: Digest): MlopsError {
  return new MlopsError('damaged', `The object ${digest} in the cache is damaged; it was moved to quarantine.`, {
    hint: HINT,
  });
}

/** Keeps the bytes of a damaged object that was one of many in a pack. */
export function quarantineBytes(folder: string, digest: Digest, bytes: Uint8Array): void {
  const place = join(folder, 'quarantine');
  makeFolder(place);
  writeFileSync(join(place, `${hexOf(digest)}.${randomUUID()}`), bytes, { flag: 'wx' });
}
