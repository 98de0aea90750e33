import { join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import { type LockedPath, lockedPaths } from '../../core/lockfile.ts';
import { didYouMean } from '../../core/nearest.ts';
import { type Revision, revisionName } from '../../core/revision.ts';
import type { EntryKind, TreeEntry } from '../../core/tree.ts';
import { compareCodePoints } from '../../core/value.ts';
import type { Project } from '../../project/project.ts';
import type { Cache } from '../../stores/cache/cache.ts';
import { readTree } from '../../stores/cache/trees.ts';
import { lookAt } from '../../system/list-files.ts';
import { lockfileAt, revisionOf } from './lockfile-at.ts';
import { entryOf } from './measure.ts';
import { findInside } from './add/set-inside.ts';
import { projectPathOf } from './select.ts';
import { parentOf } from './transfer/plan.ts';

/** A file or folder of a revision. */
export interface ListedEntry {
  readonly path: string;
  readonly kind: EntryKind;
  /** Bytes; of a folder, of all that is known to be beneath it. */
  readonly size: number;
  /** Null for what Git keeps. */
  readonly digest: Digest | null;
  /** Whether the lockfile names it, or a folder around it. */
  readonly tracked: boolean;
}

/** The document of `ls`. */
export interface ListResult {
  readonly entries: readonly ListedEntry[];
}

/** What `ls` was asked. */
export interface ListRequest {
  /** As typed; null: the current folder. */
  readonly path: string | null;
  /** Null: the workspace, as Git and the lockfile have it. */
  readonly rev: string | null;
  /** Every file, in place of the names in one folder. */
  readonly recursive: boolean;
}

/** The files of a revision, those of Git and those that are tracked in one list. */
export async function listFiles(project: Project, { path, rev, recursive }: ListRequest): Promise<ListResult> {
  const revision = await revisionOf(project, rev);
  const base = projectPathOf(path ?? '.', project);
  const cache = await project.cache();
  const all = new Map<string, ListedEntry>();
  for (const entry of await gitEntries(project, revision)) all.set(entry.path, entry);
  for (const [at, locked] of lockedPaths(await lockfileAt(project, revision))) {
    if (locked.kind === 'tree') for (const known of [...all.keys()]) if (known.startsWith(`${at}/`)) all.delete(known);
    all.set(at, listed(at, entryOf(at, locked)));
  }
  const found = [...entriesAt(cache, base, all, recursive ? project.report : null)];
  if (found.length === 0 && base !== '.' && !isTracked(cache, base, all)) throw nothingThere(base, revision, all);
  const entries = recursive ? found : grouped(base, found);
  return { entries: entries.sort((a, b) => compareCodePoints(a.path, b.path)) };
}

async function gitEntries({ git, root }: Project, revision: Revision): Promise<ListedEntry[]> {
  const files = (await git?.files(revision)) ?? [];
  return files.flatMap(({ path, kind, size }) => {
    const known = size ?? lookAt(join(root, path))?.size;
    // Git has it, and the workspace does not.
    return known === undefined ? [] : [{ path, kind, size: known, digest: null, tracked: false }];
  });
}

/** All that lies at or below a path. Tracked folders are looked into where the path leads, or everywhere when asked. */
function* entriesAt(
  cache: Cache,
  base: string,
  all: ReadonlyMap<string, ListedEntry>,
  warn: Project['report'] | null,
): Iterable<ListedEntry> {
  for (const entry of all.values()) {
    const leadsInto = entry.kind === 'tree' && (base === entry.path || base.startsWith(`${entry.path}/`));
    const isBelow = base === '.' || entry.path === base || entry.path.startsWith(`${base}/`);
    if (leadsInto) yield* insideTree(cache, entry, base, warn);
    else if (isBelow && entry.kind === 'tree' && warn !== null) yield* wholeTree(cache, entry, warn);
    else if (isBelow) yield entry;
  }
}

function* insideTree(
  cache: Cache,
  tree: ListedEntry,
  base: string,
  warn: Project['report'] | null,
): Iterable<ListedEntry> {
  for (const child of childrenOf(cache, tree)) {
    const isWanted = tree.path === base || child.path === base;
    if (child.kind === 'tree' && (base === child.path || base.startsWith(`${child.path}/`))) {
      yield* insideTree(cache, child, base, warn);
    } else if (isWanted && child.kind === 'tree' && warn !== null) yield* wholeTree(cache, child, warn);
    else if (isWanted) yield child;
  }
}

/** Every file beneath a tracked folder; the folder itself when it is empty, or nobody here knows what is in it. */
function* wholeTree(cache: Cache, tree: ListedEntry, warn: Project['report']): Iterable<ListedEntry> {
  let children: ListedEntry[];
  try {
    children = childrenOf(cache, tree);
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
    warn({ type: 'warning', message: `What is in ${tree.path} is not known here.`, hint: `mlops fetch` });
    children = [];
  }
  if (children.length === 0) yield tree;
  for (const child of children) {
    if (child.kind === 'tree') yield* wholeTree(cache, child, warn);
    else yield child;
  }
}

function childrenOf(cache: Cache, { path, digest }: ListedEntry): ListedEntry[] {
  return digest === null ? [] : readTree(cache, digest).map((entry) => listed(`${path}/${entry.name}`, entry));
}

function listed(path: string, { kind, size, digest }: TreeEntry): ListedEntry {
  return { path, kind, size, digest, tracked: true };
}

/** Whether a path is a tracked folder, or one inside a tracked folder: it may be empty. */
function isTracked(cache: Cache, base: string, all: ReadonlyMap<string, ListedEntry>): boolean {
  for (let at = base; at !== ''; at = parentOf(at)) {
    const { digest, kind, size } = all.get(at) ?? {};
    if (digest === undefined || digest === null || kind !== 'tree') continue;
    const folder: LockedPath = { kind, digest, size: size ?? 0, files: 0 };
    return at === base || findInside(cache, folder, base.slice(at.length + 1)) !== undefined;
  }
  return false;
}

/** The names directly in a folder; those below a folder of Git count as that folder. */
function grouped(base: string, entries: readonly ListedEntry[]): ListedEntry[] {
  const prefix = base === '.' ? '' : `${base}/`;
  const groups = new Map<string, ListedEntry>();
  for (const entry of entries) {
    const end = entry.path === base ? -1 : entry.path.indexOf('/', prefix.length);
    if (end < 0) groups.set(entry.path, entry);
    else {
      const path = entry.path.slice(0, end);
      const size = (groups.get(path)?.size ?? 0) + entry.size;
      groups.set(path, { path, kind: 'tree', size, digest: null, tracked: false });
    }
  }
  return [...groups.values()];
}

function nothingThere(base: string, revision: Revision, all: ReadonlyMap<string, ListedEntry>): MlopsError {
  const where = revision.type === 'workspace' ? 'Neither Git nor the lockfile has' : `${revisionName(revision)} has no`;
  return new MlopsError('usage', `${where} ${base}${didYouMean(base, all.keys())}`, { hint: 'mlops ls' });
}
