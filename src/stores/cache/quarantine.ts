import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, hexOf } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import { isMissing } from '../../system/file-error.ts';

/** Puts a damaged object where nothing serves it, so that a sound copy can take its place; returns the error that tells of it. */
export function quarantine(folder: string, digest: Digest, path: string): MlopsError {
  const place = join(folder, 'quarantine');
  const damaged = `The object ${digest} in the cache is damaged`;
  const hint = 'Get another copy with `mlops fetch`, or add the file again where it still is.';
  try {
    mkdirSync(place, { recursive: true });
    renameSync(path, join(place, `${hexOf(digest)}.${randomUUID()}`));
  } catch (error) {
    if (!isMissing(error)) {
      return new MlopsError('damaged', `${damaged}, and cannot be moved out of the way.`, { hint, cause: error });
    }
  }
  return new MlopsError('damaged', `${damaged}; it was moved to quarantine.`, { hint });
}
