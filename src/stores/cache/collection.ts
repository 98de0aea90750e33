import { renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileError } from '../../system/file-error.ts';
import { type LeaseOptions, withLease } from '../../system/lease.ts';
import type { Cache } from './cache.ts';
import { makeFolder } from '../../system/make-folder.ts';

/** How long to wait for another collection. */
export type Patience = Pick<LeaseOptions, 'waitMilliseconds' | 'report' | 'signal'>;

/**
 * Does the work of a collection under a note in the cache that says so. Whoever names objects while it is there, or has
 * seen them before it was, puts today's date on them, which the collection respects. There is one collection at a time. The
 * work is told by how many milliseconds the clock that dates the cache's files is ahead of this machine's.
 */
export async function whileCollecting<T>(
  cache: Cache,
  patience: Patience,
  work: (ahead: number) => Promise<T>,
): Promise<T> {
  const folder = join(cache.dir, 'v1', 'leases');
  const lease = { ...patience, folder, name: 'collection', what: `the collection of the cache in ${cache.dir}` };
  return withLease(lease, () => collect(cache, work));
}

async function collect<T>(cache: Cache, work: (ahead: number) => Promise<T>): Promise<T> {
  const [going, done] = [noteIn(cache.dir, 'collecting'), noteIn(cache.dir, 'collected')];
  try {
    makeFolder(join(cache.dir, 'v1'));
    // One that was killed may have been another user's.
    rmSync(going, { force: true });
    writeFileSync(going, '');
  } catch (error) {
    throw fileError(error, `write to the cache in ${cache.dir}`);
  }
  try {
    return await work((timeOf(going) ?? Date.now()) - Date.now());
  } finally {
    utimesSync(going, new Date(), new Date());
    renameSync(going, done);
  }
}

/** Whether a collection goes on, or was over no sooner than a moment (milliseconds). */
export function isCollectedSince(dir: string, moment: number): boolean {
  const going = timeOf(noteIn(dir, 'collecting'));
  // One that was killed leaves its note behind.
  if (going !== undefined && Date.now() - going < LONGEST) return true;
  const done = timeOf(noteIn(dir, 'collected'));
  return done !== undefined && done >= moment - SLACK;
}

const LONGEST = 24 * 3600 * 1000;
// The clocks of two machines.
const SLACK = 5 * 60 * 1000;

function timeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

function noteIn(dir: string, name: string): string {
  return join(dir, 'v1', name);
}
