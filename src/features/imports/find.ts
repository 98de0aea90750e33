import { posix } from 'node:path';
import { didYouMean } from '../../core/nearest.ts';
import { MlopsError } from '../../core/errors.ts';
import { lockedPaths, type LockedPath } from '../../core/lockfile.ts';
import type { ValueMap } from '../../core/value.ts';
import type { Project } from '../../project/project.ts';
import type { Cache } from '../../stores/cache/cache.ts';
import { buildTree, treeObjects } from '../../stores/cache/trees.ts';
import { isMap } from '../../core/value.ts';
import type { TreeEntry } from '../../core/tree.ts';
import { lockfileAt } from '../data/lockfile-at.ts';
import { entryOf, lockedOf } from '../data/measure.ts';
import { findInside } from '../data/add/set-inside.ts';
import { bringPaths } from '../data/transfer/bring.ts';
import { ownCacheOf, projectAround, type Source, type SourceContext } from './source.ts';

/** What a source has at a path. */
export interface Found {
  readonly locked: LockedPath;
  /** The origin that the source itself imported it from; null when it is its own. */
  readonly from: ValueMap | null;
  /** Puts all its objects into our cache. Fails with `data-missing` when nobody has them. */
  readonly bring: () => Promise<void>;
}

/** Finds tracked data, an output of a stage, a part of one, or a file or folder of Git. Fails with `usage` when there is nothing. */
export async function findInSource(context: SourceContext, source: Source, path: string): Promise<Found> {
  const around = await projectAround(context, source, path);
  const known: string[] = [];
  if (around !== null) {
    const { project, prefix } = around;
    const lockfile = await lockfileAt(project, source.commit);
    for (const [at, locked] of lockedPaths(lockfile)) {
      const full = prefix + at;
      known.push(full);
      if (full !== path && !(locked.kind === 'tree' && path.startsWith(`${full}/`))) continue;
      const inside = full === path ? null : path.slice(full.length + 1);
      const from = inside === null ? lockfile.data[at]?.from : undefined;
      return findTracked(context, source, project, { at, locked, inside, from: isMap(from) ? from : null });
    }
  }
  const inGit = await storeFromGit(context.cache, source, path);
  if (inGit !== undefined) return { locked: inGit, from: null, bring: async () => undefined };
  throw new MlopsError('usage', `${source.repo} has no ${path} at ${source.commit.name}${didYouMean(path, known)}`, {
    hint: `mlops ls --repo ${source.repo}`,
  });
}

interface Tracked {
  readonly at: string;
  readonly locked: LockedPath;
  /** The wanted part of a folder; null: all of it. */
  readonly inside: string | null;
  readonly from: ValueMap | null;
}

async function findTracked(
  context: SourceContext,
  source: Source,
  project: Project,
  { at, locked, inside, from }: Tracked,
): Promise<Found> {
  const bringPart = (part: string | null) => bringFrom(context, source, project, { at, locked, part });
  if (inside === null) return { locked, from, bring: () => bringPart(null) };
  await bringTreesOf(context, source, project, { at, locked, below: posix.dirname(inside) });
  const entry = findInside(context.cache, locked, inside);
  const part = lockedOf(entry);
  if (part === undefined)
    throw new MlopsError('usage', `${source.repo} has no ${inside} in ${at} at ${source.commit.name}.`, {
      hint: `mlops ls --repo ${source.repo} ${at}`,
    });
  return { locked: part, from: null, bring: () => bringPart(inside) };
}

/** Brings the lists of names that lead to a folder inside tracked data (`.`: itself), and that folder's own. */
export async function bringTreesOf(
  context: SourceContext,
  source: Source,
  project: Project,
  { at, locked, below }: { at: string; locked: LockedPath; below: string },
): Promise<void> {
  if (isKnown(context.cache, locked, below)) return;
  try {
    // No file has this name: of all that is there only the lists on the way to it are wanted.
    await bringFrom(context, source, project, { at, locked, part: below === '.' ? NOBODY : `${below}/${NOBODY}` });
  } catch (error) {
    // That nothing has the name is said once the lists are here.
    if (!(error instanceof MlopsError) || error.kind !== 'usage') throw error;
  }
}

const NOBODY = '\u0001';

function isKnown(cache: Cache, locked: LockedPath, below: string): boolean {
  const folder = below === '.' ? locked : findInside(cache, locked, below);
  return folder !== undefined && (folder.kind !== 'tree' || cache.has(folder.digest));
}

async function bringFrom(
  context: SourceContext,
  source: Source,
  project: Project,
  { at, locked, part }: { at: string; locked: LockedPath; part: string | null },
): Promise<void> {
  const own = await ownCacheOf(context, source, project);
  if (own !== undefined && copyObjects(own, context.cache, locked, part)) return;
  const wanted = part === null ? locked : { ...locked, inside: [part] };
  const [failed] = await bringPaths(project, new Map([[at, wanted]]), null);
  if (failed === undefined) return;
  throw new MlopsError('data-missing', `${failed.path} of ${source.repo} cannot be had: ${failed.reason}`, {
    hint: 'Whoever has it must push it there: mlops push',
  });
}

/** Copies what ours lacks from another cache; false when that has not all of it. Every byte is hashed on its way. */
function copyObjects(from: Cache, to: Cache, locked: LockedPath, inside: string | null): boolean {
  const put = (digest: LockedPath['digest']) => {
    if (to.has(digest)) return;
    const file = from.pathOf(digest);
    if (file === undefined) to.putBytes(from.readBytes(digest));
    else to.putFile(file);
  };
  try {
    if (locked.kind === 'file') put(locked.digest);
    else {
      for (const { digest, path, isTree } of treeObjects(from, locked.digest)) {
        const isWanted = inside === null || isTree || path === inside || path.startsWith(`${inside}/`);
        if (isWanted) put(digest);
      }
    }
    return true;
  } catch (error) {
    if (error instanceof MlopsError && ['data-missing', 'damaged'].includes(error.kind)) return false;
    throw error;
  }
}

/** What Git has at a path of the commit, with its bytes put into our cache. */
async function storeFromGit(cache: Cache, { git, commit }: Source, path: string): Promise<LockedPath | undefined> {
  const files = (await git.files(commit)).filter(
    (file) => path === '.' || file.path === path || file.path.startsWith(`${path}/`),
  );
  if (files.length === 0) return undefined;
  return cache.batch(async (batch) => {
    const entries = new Map<string, TreeEntry>();
    for (const file of files) {
      const bytes = await git.readFile(commit, file.path);
      if (bytes === undefined) throw new MlopsError('failed', `Git has no ${file.path} at ${commit.name}.`);
      const digest = batch.putBytes(bytes);
      const name = file.path.slice(file.path.lastIndexOf('/') + 1);
      entries.set(file.path === path ? '' : file.path.slice(path === '.' ? 0 : path.length + 1), {
        name,
        kind: file.kind,
        size: bytes.length,
        files: 1,
        digest,
      });
    }
    const single = entries.get('');
    if (single !== undefined) {
      if (single.kind === 'symlink')
        throw new MlopsError('usage', `${path} is a symbolic link.`, { hint: 'Name what it points to.' });
      return lockedOf(single);
    }
    return { kind: 'tree', ...folderOf(entries, (bytes) => batch.putBytes(bytes)) };
  });
}

/** The tree of files given by their paths from it. */
function folderOf(files: ReadonlyMap<string, TreeEntry>, put: (bytes: Uint8Array) => TreeEntry['digest']) {
  const direct: TreeEntry[] = [];
  const below = new Map<string, Map<string, TreeEntry>>();
  for (const [path, entry] of files) {
    const slash = path.indexOf('/');
    if (slash < 0) direct.push(entry);
    else {
      const name = path.slice(0, slash);
      const inside = below.get(name) ?? new Map<string, TreeEntry>();
      below.set(name, inside.set(path.slice(slash + 1), entry));
    }
  }
  for (const [name, inside] of below) direct.push({ ...entryOf(name, { kind: 'tree', ...folderOf(inside, put) }) });
  return buildTree(direct, put);
}
