import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Digest, shortDigest } from '../../core/digest.ts';
import { MlopsError, systemCode } from '../../core/errors.ts';
import { fileError, isMissing } from '../../system/file-error.ts';
import { digestOf, DigestStream, readAll } from '../../system/hash.ts';

/** An object is not what it should be, or not there any more. */
export type Unusable = 'damaged' | 'gone';

/** Opens an object for reading; undefined when it is not there. */
export function openObject(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError(error, `read ${path}`);
  }
}

/** The bytes of an object, once they are known to have its digest. */
export function readVerified(path: string, digest: Digest): Uint8Array | Unusable {
  const fd = openObject(path);
  if (fd === undefined) return 'gone';
  try {
    const bytes = Buffer.allocUnsafe(fstatSync(fd).size);
    for (let at = 0, read = -1; at < bytes.length; at += read) {
      read = readSync(fd, bytes, at, bytes.length - at, null);
      if (read === 0) return 'damaged';
    }
    return digestOf(bytes) === digest ? bytes : 'damaged';
  } catch (error) {
    if (systemCode(error) === 'EIO') return 'damaged';
    throw fileError(error, `read ${path}`);
  } finally {
    closeSync(fd);
  }
}

/** The digest that the bytes of an object really have. */
export function digestOfFile(path: string): Digest | Unusable {
  const fd = openObject(path);
  if (fd === undefined) return 'gone';
  try {
    const stream = new DigestStream();
    readAll(fd, (bytes) => stream.update(bytes));
    return stream.digest();
  } catch (error) {
    if (systemCode(error) === 'EIO') return 'damaged';
    throw fileError(error, `read ${path}`);
  } finally {
    closeSync(fd);
  }
}

/** The error for an object that is not here. */
export function missing(digest: Digest): MlopsError {
  return new MlopsError('data-missing', `The object ${shortDigest(digest)} is not in the cache.`, {
    hint: 'mlops fetch',
  });
}
