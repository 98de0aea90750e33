import type { Lockfile } from '../../../core/lockfile.ts';
import { lockedPaths } from '../../../core/lockfile.ts';
import type { Project } from '../../../project/project.ts';
import { excludeHere, includeHere } from '../../../stores/git/exclude.ts';
import { isKeptInGit } from '../select.ts';

/** Keeps what another revision tracks, and this one does not, out of sight of Git for as long as it is here. */
export async function keepOutOfGit(project: Project, lockfile: Lockfile, paths: Iterable<string>): Promise<void> {
  const { git } = project;
  if (git === null) return;
  const named = lockedPaths(project.readLockfile());
  const foreign = [...paths].filter((path) => !named.has(path) && !isKeptInGit(lockfile, path));
  if (foreign.length === 0) return;
  const [tracked, ignored] = [await git.trackedAmong(foreign), await git.ignoredAmong(foreign)];
  await excludeHere(
    project,
    git,
    foreign.filter((path) => !tracked.has(path) && !ignored.has(path)),
  );
}

/** What is gone, or is the user's own again, is no longer kept out. */
export async function showToGit(project: Project, paths: readonly string[]): Promise<void> {
  if (project.git !== null) await includeHere(project, project.git, paths);
}
