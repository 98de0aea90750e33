import { randomUUID } from 'node:crypto';
import { closeSync, fchmodSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Digest, hexOf } from '../../core/digest.ts';
import { fileError } from '../../system/file-error.ts';
import { digestOf, DigestStream, readAll } from '../../system/hash.ts';
import { writeAll } from '../../system/write-file.ts';
import { LooseObjects } from './loose-objects.ts';
import { otherBytes } from './receive.ts';
import { makeFolder } from '../../system/make-folder.ts';

/** Gives the bytes of an object from an offset on. */
export type ReadFrom = (offset: number) => Promise<AsyncIterable<Uint8Array>>;

/**
 * Brings a large object into the cache in a folder, as a file of its own. What was there when an earlier attempt was cut off,
 * also one of a process that was killed, is hashed again and gone on from. Returns how many bytes came now.
 */
export async function receiveLarge(dir: string, digest: Digest, readFrom: ReadFrom): Promise<number> {
  const tmp = join(dir, 'v1', 'tmp');
  const path = guarded(dir, () => claim(tmp, digest));
  inUse.add(path);
  const fd = guarded(dir, () => openSync(path, 'r+'));
  const stream = new DigestStream();
  let came = 0;
  try {
    const size = readAll(fd, (bytes) => stream.update(bytes));
    for await (const chunk of await readFrom(size)) {
      guarded(dir, () => writeAll(fd, chunk), chunk.length);
      stream.update(chunk);
      came += chunk.length;
    }
    fchmodSync(fd, 0o444);
  } finally {
    closeSync(fd);
    inUse.delete(path);
  }
  const found = stream.digest();
  if (found !== digest) {
    rmSync(path, { force: true });
    throw otherBytes(digest, found);
  }
  guarded(dir, () => new LooseObjects(join(dir, 'v1')).name([{ digest, temporary: path, size: came }]));
  return came;
}

/** Parts that this process is at. */
const inUse = new Set<string>();

/** A file for the object with what is left of an earlier attempt, under a name that says who is at it now. */
function claim(tmp: string, digest: Digest): string {
  makeFolder(tmp);
  const host = hexOf(digestOf(hostname())).slice(0, 8);
  const prefix = `part-${hexOf(digest)}.${host}-`;
  const path = join(tmp, `${prefix}${process.pid}.${randomUUID()}`);
  for (const name of readdirSync(tmp)) {
    const left = join(tmp, name);
    if (!name.startsWith(prefix) || inUse.has(left)) continue;
    const pid = Number(/^\d+/.exec(name.slice(prefix.length))?.[0] ?? 0);
    if (pid !== process.pid && isRunning(pid)) continue;
    try {
      renameSync(left, path);
      return path;
    } catch {
      // Somebody else goes on with it.
    }
  }
  closeSync(openSync(path, 'wx', 0o644));
  return path;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function guarded<T>(dir: string, work: () => T, bytes?: number): T {
  try {
    return work();
  } catch (error) {
    throw fileError(error, `write to the cache in ${dir}`, bytes === undefined ? {} : { bytes });
  }
}
