import { posix } from 'node:path';
import { MlopsError } from '../../../core/errors.ts';
import type { LockedData, LockedPath, Lockfile } from '../../../core/lockfile.ts';
import type { TreeEntry } from '../../../core/tree.ts';
import { compareCodePoints } from '../../../core/value.ts';
import { LOCKFILE } from '../../../project/layout.ts';
import type { Project } from '../../../project/project.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import { ignoreInGit, unignoreInGit } from '../../../stores/git/ignore.ts';
import { entryOf, lockedOf } from '../measure.ts';
import type { Addition } from '../refuse.ts';
import { findInside, setInside } from './set-inside.ts';
import type { Workspace } from '../workspace.ts';

/** A path, and what the lockfile is to name there. */
export interface Entry {
  readonly addition: Addition;
  /** Null: to be taken out of its folder. */
  readonly entry: TreeEntry | null;
}

/** Has the lockfile name what was found, and Git leave it alone; says which files changed, also those that an earlier call could not stage. */
export async function record(
  project: Project,
  workspace: Workspace,
  entries: readonly Entry[],
): Promise<readonly string[]> {
  const tops = [...new Set(entries.map(({ addition }) => addition.top))];
  // Before the lockfile names them, so that no commit ever holds the bytes.
  const changedFiles = project.git === null ? [] : await ignoreInGit(project, tops);
  let hasChanged = false;
  try {
    await project.updateLockfile((current) => {
      const now = withEntries(workspace.cache, current, entries);
      hasChanged = now !== current;
      return now;
    });
  } catch (error) {
    const { data } = project.readLockfile();
    const unnamed = tops.filter((top) => !Object.hasOwn(data, top));
    if (changedFiles.length > 0) await unignoreInGit(project, unnamed);
    throw error;
  }
  for (const top of tops) workspace.index.track(top);
  for (const { addition, entry } of entries) if (entry === null) workspace.index.forget(addition.path);
  return withUnstaged(project, entries, hasChanged ? [LOCKFILE, ...changedFiles] : changedFiles);
}

/** A lockfile with these entries in it; the same one when it says so already. */
export function withEntries(cache: Cache, current: Lockfile, entries: readonly Entry[]): Lockfile {
  const data: Record<string, LockedData> = { ...current.data };
  let hasChanged = false;
  for (const { addition, entry } of entries) {
    const locked = lockedWith(cache, current, data, addition, entry);
    if (isSame(data[addition.top], locked)) continue;
    data[addition.top] = locked;
    hasChanged = true;
  }
  return hasChanged ? { ...current, data } : current;
}

/** What changed, and what an earlier call changed and could not stage. */
async function withUnstaged({ git }: Project, entries: readonly Entry[], changed: readonly string[]) {
  if (git === null) return changed;
  const beside = entries.map(({ addition }) => posix.join(posix.dirname(addition.top), '.gitignore'));
  const unstaged = await git.unstagedAmong([...new Set([LOCKFILE, ...beside])]);
  return [...new Set([...changed, ...unstaged])].sort(compareCodePoints);
}

/** Under the lockfile's lease: another process may have added to the same folder meanwhile. */
function lockedWith(
  cache: Cache,
  current: Lockfile,
  data: Readonly<Record<string, LockedData>>,
  { path, top }: Addition,
  entry: TreeEntry | null,
): LockedPath {
  if (path !== top) {
    const before = data[top] ?? current.data[top];
    if (before?.kind !== 'tree') throw new MlopsError('failed', `${top} is no longer a tracked folder.`);
    return setInside(cache, before, path.slice(top.length + 1), entry);
  }
  const locked = lockedOf(entry ?? undefined);
  if (locked === undefined) throw new MlopsError('failed', `${path} vanished while it was read.`);
  return locked;
}

/** What the lockfile has at a path to be added; undefined for nothing, and where nobody can tell. */
export function lockedBefore(cache: Cache, lockfile: Lockfile, { path, top }: Addition): TreeEntry | undefined {
  const locked = Object.hasOwn(lockfile.data, top) ? lockfile.data[top] : undefined;
  if (locked === undefined) return undefined;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return path === top ? entryOf(name, locked) : findInside(cache, locked, path.slice(top.length + 1));
}

function isSame(before: LockedPath | undefined, now: LockedPath): boolean {
  if (before?.digest !== now.digest || before.kind !== now.kind) return false;
  return before.kind === 'tree' || now.kind === 'tree' || before.executable === now.executable;
}
