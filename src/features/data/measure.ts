import type { Stats } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import type { LockedPath } from '../../core/lockfile.ts';
import type { EntryKind, TreeEntry } from '../../core/tree.ts';
import type { WorkspaceIndex } from '../../stores/index/index.ts';
import { hasTree } from '../../stores/cache/trees.ts';
import { digestFileInSteps, digestOf } from '../../system/hash.ts';
import { lookAt } from '../../system/list-files.ts';
import { kindOf } from './measured.ts';
import { type Contents, type Measured, scan } from './scan/scan.ts';
import { scanOwn } from './scan/own.ts';
import { inTurns, openWorkspace, type Steps, type Workspace, type WorkspaceProject } from './workspace.ts';

/** What a path is now, as the lockfile would say it; undefined when nothing is there. Nothing is put into the cache. */
export async function measurePath(project: WorkspaceProject, path: string): Promise<LockedPath | undefined> {
  const known = knownFile(await project.index(), project.root, path);
  if (known !== undefined) return known;
  const workspace = await openWorkspace(project);
  return lockedOf(await inTurns(measureSteps(workspace, path), 'hash', project));
}

/** A file that is what it was when it was last looked at: most are, and then nothing is to be done in steps. */
function knownFile(index: WorkspaceIndex, root: string, path: string): LockedPath | undefined {
  const stat = lookAt(join(root, path));
  const digest = stat?.isFile() === true ? index.lookUp(path, stat) : undefined;
  if (stat === undefined || digest === undefined) return undefined;
  return { kind: 'file', digest, size: stat.size, executable: kindOf(stat) === 'executable' };
}

/** What a path is now, with all of its objects in the cache. Something must be there. */
export async function storePath(project: WorkspaceProject, path: string): Promise<LockedPath> {
  const workspace = await openWorkspace(project);
  const stored = await workspace.cache.batch((cache) =>
    inTurns(scanIntoCache({ ...workspace, cache }, path), 'cache', project),
  );
  const locked = lockedOf(stored);
  if (locked === undefined) throw new MlopsError('failed', `Nothing is at ${path}.`);
  workspace.index.track(path);
  return locked;
}

/** The same in steps: for callers that look at many paths. */
export function measureSteps(workspace: Workspace, path: string): Steps<Measured | undefined> {
  return scan(workspace.root, path, measuring(workspace));
}

/** What is at a tracked path itself, in steps: links on the way or to a folder are not followed. */
export function measureOwnSteps(workspace: Workspace, path: string): Steps<Measured | undefined> {
  const { dir } = workspace.cache;
  const isLost = (absolute: string, target: string) => resolve(dirname(absolute), target).startsWith(dir + sep);
  return scanOwn(workspace.root, path, { ...measuring(workspace), isLost });
}

/** The same in steps, with all objects put into the workspace's cache. */
export function scanIntoCache(workspace: Workspace, path: string): Steps<Measured | undefined> {
  return scan(workspace.root, path, storing(workspace));
}

/** The same, with the lists of folders and the links in the cache, and not the bytes of files. */
export function scanTreesIntoCache(workspace: Workspace, path: string): Steps<Measured | undefined> {
  const { link, tree, isTreeKept } = storing(workspace);
  return scan(workspace.root, path, { ...measuring(workspace), link, tree, isTreeKept });
}

/** The lockfile's words for what was measured. */
export function lockedOf(measured: TreeEntry | undefined): LockedPath | undefined {
  if (measured === undefined) return undefined;
  const { kind, digest, size, files } = measured;
  return kind === 'tree'
    ? { kind, digest, size, files }
    : { kind: 'file', digest, size, executable: kind === 'executable' };
}

/** The lockfile's words as an entry, to be compared with what was measured. */
export function entryOf(name: string, locked: LockedPath): TreeEntry {
  const { digest, size } = locked;
  if (locked.kind === 'tree') return { name, kind: 'tree', size, files: locked.files, digest };
  const kind: EntryKind = locked.executable ? 'executable' : 'file';
  return { name, kind, size, files: 1, digest };
}

function measuring({ index, threads }: Workspace): Contents {
  return {
    index,
    threads,
    *file(absolute, path, stat) {
      const known = index.lookUp(path, stat);
      if (known !== undefined) return yield* looked(known, stat);
      const read = yield* digestFileInSteps(absolute, stat);
      yield ONE_READ;
      index.record(path, read.stat, read.digest);
      return read;
    },
    reader(folder, since) {
      const record = index.recorder(folder, since);
      return (name, { stat, digest }) => record(name, stat, digest);
    },
    link: (path, stat, target) => linkTo(index, path, stat, digestOf(target)),
    tree: digestOf,
    isKept: () => true,
    isTreeKept: () => true,
  };
}

function storing({ index, cache, threads }: Workspace): Contents {
  const put = (bytes: Uint8Array): Digest => cache.putBytes(bytes);
  const isThere = cache.presence();
  return {
    index,
    threads,
    *file(absolute, path, stat) {
      const known = index.lookUp(path, stat);
      if (known !== undefined && cache.sizeOf(known) === stat.size) return yield* looked(known, stat);
      const read = yield* cache.putFileInSteps(absolute, stat);
      yield ONE_READ;
      index.record(path, read.stat, read.digest);
      return read;
    },
    reader(folder, since) {
      const record = index.recorder(folder, since);
      return (name, { stat, digest, bytes }) => {
        cache.putRead(digest, bytes);
        record(name, stat, digest);
      };
    },
    link: (path, stat, target) => linkTo(index, path, stat, put(Buffer.from(target))),
    tree: put,
    isKept: (folder, at) => isThere(folder.row(at).digest),
    isTreeKept: ({ digest }, entries) => hasTree(cache, digest, entries, isThere),
  };
}

/** Its bytes were told of while they were read. */
const ONE_READ = { files: 1, bytes: 0 };

function* looked(digest: Digest, { size }: Stats): Steps<{ digest: Digest; size: number }> {
  yield size;
  return { digest, size };
}

/** A link is read each time; the index only has to know that it was here. */
function linkTo(index: WorkspaceIndex, path: string, stat: Stats, digest: Digest): Digest {
  if (index.lookUp(path, stat) !== digest) index.record(path, stat, digest);
  return digest;
}
