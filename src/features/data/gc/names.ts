import type { Digest } from '../../../core/digest.ts';
import { MlopsError } from '../../../core/errors.ts';
import { lockedPaths, type Lockfile } from '../../../core/lockfile.ts';
import { LOCKFILE } from '../../../project/layout.ts';
import type { Project } from '../../../project/project.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import { parseLockfile } from '../../../stores/documents/lockfile.ts';
import { type Marks, unmarkedIn } from './mark.ts';
import { visitYoungRuns } from './runs.ts';

/** Under which path each object was known, as far as any commit or run says: a person is to see what would go. */
export async function namesOf(
  project: Project,
  cache: Cache,
  marks: Marks,
  garbage: ReadonlyMap<Digest, number>,
): Promise<Map<Digest, string>> {
  const names = new Map<Digest, string>();
  const visit = (lockfile: Lockfile) => {
    for (const [path, locked] of lockedPaths(lockfile)) {
      if (names.has(locked.digest)) continue;
      ifReadable(() => {
        for (const found of unmarkedIn(cache, marks, path, locked)) {
          if (garbage.has(found.digest) && !names.has(found.digest)) names.set(found.digest, found.path);
        }
      });
    }
  };
  for (const lockfile of await historyOf(project)) visit(lockfile);
  visitYoungRuns(project.layout.runCache, Number.NEGATIVE_INFINITY, visit);
  return names;
}

/** Every lockfile of every commit that can be read. */
async function historyOf({ git }: Project): Promise<Lockfile[]> {
  if (git === null) return [];
  const found = new Map<string, Lockfile>();
  const snapshots = await git.snapshots(LOCKFILE);
  const everything = { allBranches: true, allTags: true, allCommits: true, revs: [], since: null };
  for (const commit of await snapshots.commits(everything)) {
    for (const { id, where, read } of await snapshots.inCommit(commit)) {
      if (id === null || found.has(id)) continue;
      const bytes = await read();
      const lockfile = ifReadable(() => parseLockfile(Buffer.from(bytes ?? []).toString('utf8'), where));
      if (lockfile !== undefined) found.set(id, lockfile);
    }
  }
  return [...found.values()];
}

/** What cannot be read has no names to give; that is no reason to stop. */
function ifReadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof MlopsError) return undefined;
    throw error;
  }
}
