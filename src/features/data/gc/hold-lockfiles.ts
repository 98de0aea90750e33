import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { MlopsError } from '../../../core/errors.ts';
import { layoutOf, LOCKFILE } from '../../../project/layout.ts';
import type { Project } from '../../../project/project.ts';
import { openGit } from '../../../stores/git/git.ts';
import { withLease } from '../../../system/lease.ts';

/** Does some work while nobody writes the lockfile of a project, nor one of any work tree of its repository. */
export async function whileNoneIsWritten<T>(project: Project, root: string, work: () => Promise<T>): Promise<T> {
  const places = [root, ...(await placesBeside(project, root))];
  return [...new Set(places)]
    .sort()
    .reduceRight<() => Promise<T>>((inner, place) => () => withLockfile(project, place, inner), work)();
}

/** Where projects of a repository may be, in each of its work trees: one that has no lockfile yet may be about to get it. */
async function placesBeside(project: Project, root: string): Promise<string[]> {
  const git = root === project.root ? project.git : await openGit(root, project.env);
  if (git === null) return [];
  const snapshots = await git.snapshots(LOCKFILE);
  const tops = await snapshots.folders();
  const inside = new Set([relative(git.folder, root)]);
  for (const { where, id } of await snapshots.uncommitted()) {
    const top = id === null ? tops.find((one) => where.startsWith(join(one, '/'))) : undefined;
    if (top !== undefined) inside.add(relative(top, dirname(where)));
  }
  if (root !== project.root) git.close();
  const places = tops.flatMap((top) => [...inside].map((path) => join(top, path)));
  return places.filter((place) => existsSync(layoutOf(place).state));
}

/** Where we may not keep others from it, we look without. */
async function withLockfile<T>(project: Project, root: string, work: () => Promise<T>): Promise<T> {
  const { waitMilliseconds, report, signal } = project;
  const folder = layoutOf(root).leases;
  const lease = { folder, name: 'lockfile', what: 'the lockfile', waitMilliseconds, report, signal };
  let isHeld = false;
  try {
    return await withLease(lease, () => {
      isHeld = true;
      return work();
    });
  } catch (error) {
    if (isHeld || root === project.root || !(error instanceof MlopsError) || error.kind !== 'file-system') throw error;
    return work();
  }
}
