import { posix } from 'node:path';
import type { Digest } from '../../../core/digest.ts';
import { MlopsError } from '../../../core/errors.ts';
import type { LockedData, LockedPath, Lockfile } from '../../../core/lockfile.ts';
import type { TreeEntry } from '../../../core/tree.ts';
import { compareCodePoints } from '../../../core/value.ts';
import { LOCKFILE } from '../../../project/layout.ts';
import type { Project } from '../../../project/project.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import { isCollectedSince } from '../../../stores/cache/collection.ts';
import { ignoreInGit } from '../../../stores/git/ignore.ts';
import { digestOf } from '../../../system/hash.ts';
import { withAbsent } from '../absent.ts';
import { entryOf, lockedOf, measureSteps, scanIntoCache } from '../measure.ts';
import { type Addition, planAdditions } from '../refuse.ts';
import type { Measured } from '../scan/scan.ts';
import { checkPart, findInside, setInside } from './set-inside.ts';
import { inTurns, openWorkspace, type Workspace } from '../workspace.ts';

/** Something that the lockfile names now and did not name like this before. */
export interface AddedPath {
  readonly path: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Null for a single file. */
  readonly files: number | null;
}

/** The document of `add`. */
export interface AddResult {
  readonly added: readonly AddedPath[];
  readonly unchanged: readonly string[];
  /** Parts of tracked folders that are gone from the workspace, and so from the lockfile: of `add` alone. */
  readonly removed?: readonly string[];
  /** What Git has to be told of: the lockfile, and each `.gitignore` that changed. */
  readonly changedFiles: readonly string[];
}

/** What `add` was asked. */
export interface AddRequest {
  /** As typed: relative to the current folder. */
  readonly paths: readonly string[];
  /** Whether paths that Git tracks are taken as well. */
  readonly force: boolean;
  readonly dryRun: boolean;
  /** False: the lockfile names what `commit` is to put into the cache later. */
  readonly commit?: boolean;
}

/** Puts files and folders under the tool's care: bytes into the cache, the path out of Git, its digest into the lockfile. */
export async function addPaths(project: Project, request: AddRequest): Promise<AddResult> {
  const startedAt = Date.now();
  const lockfile = project.readLockfile();
  const additions = await planAdditions(project, lockfile, await project.pipeline(), request);
  const workspace = await openWorkspace(project);
  for (const addition of additions) checkPart(workspace.cache, lockfile, addition);
  try {
    const isLookOnly = request.dryRun || request.commit === false;
    const found = await look(project, workspace, additions, isLookOnly);
    const before = new Map(
      found.map(({ addition }) => [addition.path, lockedBefore(workspace.cache, lockfile, addition)]),
    );
    const entries = found.map(({ addition, measured }) => complete(workspace, addition, measured, before, isLookOnly));
    const changedFiles = request.dryRun
      ? []
      : await withUnstaged(project, entries, await write(project, workspace, entries));
    // A collection may have taken what was found in the cache before it was named.
    const mayLack = !isLookOnly && isCollectedSince(workspace.cache.dir, startedAt);
    if (mayLack) await look(project, workspace, additions, isLookOnly);
    return resultOf(entries, before, changedFiles);
  } finally {
    workspace.index.save();
  }
}

interface Found {
  readonly addition: Addition;
  readonly measured: Measured | undefined;
}

interface Entry {
  readonly addition: Addition;
  /** Null: to be taken out of its folder. */
  readonly entry: TreeEntry | null;
}

function look(
  project: Project,
  workspace: Workspace,
  additions: readonly Addition[],
  isLookOnly: boolean,
): Promise<Found[]> {
  const each = async (place: Workspace): Promise<Found[]> => {
    const found: Found[] = [];
    for (const addition of additions) {
      const steps = isLookOnly ? measureSteps(place, addition.path) : scanIntoCache(place, addition.path);
      found.push({ addition, measured: await inTurns(steps, isLookOnly ? 'hash' : 'cache', project) });
    }
    return found;
  };
  return isLookOnly ? each(workspace) : workspace.cache.batch((cache) => each({ ...workspace, cache }));
}

/** What a folder is together with what was never in this clone. */
function complete(
  workspace: Workspace,
  addition: Addition,
  measured: Measured | undefined,
  before: ReadonlyMap<string, TreeEntry | undefined>,
  isLookOnly: boolean,
): Entry {
  if (measured === undefined) {
    if (addition.isGone) return { addition, entry: null };
    throw new MlopsError('failed', `${addition.path} vanished while it was read.`);
  }
  const was = before.get(addition.path);
  if (was === undefined) return { addition, entry: measured };
  const put = isLookOnly ? digestOf : (bytes: Uint8Array) => workspace.cache.putBytes(bytes);
  return { addition, entry: withAbsent(workspace, addition.path, measured, was, put) };
}

async function write(project: Project, workspace: Workspace, entries: readonly Entry[]): Promise<string[]> {
  const tops = [...new Set(entries.map(({ addition }) => addition.top))];
  // Before the lockfile names them, so that no commit ever holds the bytes.
  const changedFiles = project.git === null ? [] : await ignoreInGit(project, tops);
  let hasChanged = false;
  await project.updateLockfile((current) => {
    const data: Record<string, LockedData> = { ...current.data };
    for (const { addition, entry } of entries) {
      const locked = lockedWith(workspace.cache, current, data, addition, entry);
      if (isSame(data[addition.top], locked)) continue;
      data[addition.top] = locked;
      hasChanged = true;
    }
    return hasChanged ? { ...current, data } : current;
  });
  for (const top of tops) workspace.index.track(top);
  for (const { addition, entry } of entries) if (entry === null) workspace.index.forget(addition.path);
  return hasChanged ? [LOCKFILE, ...changedFiles] : changedFiles;
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

function lockedBefore(cache: Cache, lockfile: Lockfile, { path, top }: Addition): TreeEntry | undefined {
  const locked = Object.hasOwn(lockfile.data, top) ? lockfile.data[top] : undefined;
  if (locked === undefined) return undefined;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return path === top ? entryOf(name, locked) : findInside(cache, locked, path.slice(top.length + 1));
}

function resultOf(
  entries: readonly Entry[],
  before: ReadonlyMap<string, TreeEntry | undefined>,
  changedFiles: readonly string[],
): AddResult {
  const added: AddedPath[] = [];
  const unchanged: string[] = [];
  const removed: string[] = [];
  for (const { addition, entry } of entries) {
    const { path } = addition;
    const was = before.get(path);
    if (was?.digest === entry?.digest && was?.kind === entry?.kind) unchanged.push(path);
    else if (entry === null) removed.push(path);
    else
      added.push({ path, digest: entry.digest, size: entry.size, files: entry.kind === 'tree' ? entry.files : null });
  }
  return { added, unchanged, removed, changedFiles };
}

function isSame(before: LockedPath | undefined, now: LockedPath): boolean {
  if (before?.digest !== now.digest || before.kind !== now.kind) return false;
  return before.kind === 'tree' || now.kind === 'tree' || before.executable === now.executable;
}
