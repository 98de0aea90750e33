import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { interruption, MlopsError } from '../../core/errors.ts';
import { lockedPaths, type LockedPath, type Lockfile } from '../../core/lockfile.ts';
import { didYouMean } from '../../core/nearest.ts';
import { overlaps } from '../../core/overlap.ts';
import { type Revision, revisionName } from '../../core/revision.ts';
import type { Project } from '../../project/project.ts';
import { lookAt } from '../../system/list-files.ts';
import { DigestStream } from '../../system/hash.ts';
import { bringPaths } from './transfer/bring.ts';
import { lockfileAt, revisionOf } from './lockfile-at.ts';
import { projectPathOf } from './select.ts';
import { findInside } from './add/set-inside.ts';

/** What `cat` was asked: a path as typed, and a revision (null: what the workspace's lockfile names). */
export interface CatRequest {
  readonly path: string;
  readonly rev: string | null;
  readonly write: (bytes: Uint8Array) => Promise<void>;
}

/** Gives the bytes of a file of a revision to `write`, once they are known to be the right ones. */
export async function catFile(project: Project, { path: typed, rev, write }: CatRequest): Promise<void> {
  const revision = await revisionOf(project, rev);
  const path = projectPathOf(typed, project);
  const lockfile = await lockfileAt(project, revision);
  const [top, locked] = [...lockedPaths(lockfile)].find(([at]) => at === path || path.startsWith(`${at}/`)) ?? [];
  if (top === undefined || locked === undefined) return write(await readFromGit(project, revision, path, lockfile));
  const digest = await findObject(project, top, locked, path);
  const cache = await project.cache();
  if (!cache.isSound(digest)) await bring(project, top, locked, path);
  const file = (cache.sizeOf(digest) ?? 0) > LARGE ? cache.pathOf(digest) : undefined;
  if (file === undefined) await write(cache.readBytes(digest));
  else await stream(project, file, digest, write);
}

// What is larger is not held in memory.
const LARGE = 16 * 1024 * 1024;

/** A file without an entry may be one that Git keeps. */
async function readFromGit(
  project: Project,
  revision: Revision,
  path: string,
  lockfile: Lockfile,
): Promise<Uint8Array> {
  if (lookAt(join(project.root, path))?.isDirectory() === true && revision.type === 'workspace') throw isFolder(path);
  const inGit = revision.type === 'commit' || (await project.git?.trackedAmong([path]))?.has(path) === true;
  const bytes = inGit ? await project.git?.readFile(revision, path) : undefined;
  if (bytes !== undefined) return bytes;
  const known = [...lockedPaths(lockfile).keys()];
  if (known.some((one) => overlaps(one, path))) throw isFolder(path);
  const where = revision.type === 'workspace' ? 'the lockfile' : revisionName(revision);
  throw new MlopsError('usage', `There is no ${path} in ${where}${didYouMean(path, known)}`, { hint: 'mlops ls' });
}

async function findObject(project: Project, top: string, locked: LockedPath, path: string): Promise<Digest> {
  if (locked.kind === 'file') {
    if (path === top) return locked.digest;
    throw new MlopsError('usage', `${top} is a file, so there is no ${path}.`, {
      hint: (word) => `mlops cat ${word(top)}`,
    });
  }
  if (path === top) throw isFolder(path);
  const cache = await project.cache();
  const inside = path.slice(top.length + 1);
  let entry = findInside(cache, locked, inside);
  if (entry === undefined) {
    // The lists on the way to it may not be here.
    await bring(project, top, locked, path);
    entry = findInside(cache, locked, inside);
  }
  if (entry === undefined)
    throw new MlopsError('usage', `There is no ${path}.`, { hint: (word) => `mlops ls ${word(top)}` });
  if (entry.kind === 'tree') throw isFolder(path);
  return entry.digest;
}

async function bring(project: Project, top: string, locked: LockedPath, path: string): Promise<void> {
  const part = path === top ? locked : { ...locked, inside: [path.slice(top.length + 1)] };
  const { remotes } = project.config;
  if (Object.keys(remotes).length === 0) {
    throw new MlopsError('data-missing', `${path} is not in the cache, and the project has no remote.`, {
      hint: 'mlops remote add <name> <url>',
    });
  }
  const [failed] = await bringPaths(project, new Map([[top, part]]), null);
  if (failed !== undefined) throw new MlopsError('data-missing', `${path} cannot be had: ${failed.reason}`);
}

/** It was verified a moment ago, and is looked at again on its way: nobody is to believe half of a damaged file. */
async function stream({ signal }: Project, file: string, digest: Digest, write: CatRequest['write']): Promise<void> {
  const seen = new DigestStream();
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Uint8Array>) {
    if (signal.aborted) throw interruption(signal.reason);
    seen.update(chunk);
    await write(chunk);
  }
  if (seen.digest() !== digest) throw new MlopsError('damaged', `The object ${digest} changed while it was read.`);
}

function isFolder(path: string): MlopsError {
  return new MlopsError('usage', `${path} is a folder.`, { hint: (word) => `mlops ls ${word(path)}` });
}
