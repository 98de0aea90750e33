import { join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { isInterruption, MlopsError } from '../../core/errors.ts';
import type { TreeEntry } from '../../core/tree.ts';
import { foldersAbove } from '../../core/overlap.ts';
import { compareCodePoints } from '../../core/value.ts';
import type { Project } from '../../project/project.ts';
import type { Cache } from '../../stores/cache/cache.ts';
import { isWhole } from '../../stores/cache/trees.ts';
import { digestOf } from '../../system/hash.ts';
import { lookAt } from '../../system/list-files.ts';
import { hasWildcard } from '../../system/ignore-rules.ts';
import { fillAbsent } from './absent.ts';
import { collectObjects } from './collect.ts';
import { differences, measuredNode, type Node, storedNode } from './differences.ts';
import { entryOf, measureOwnSteps } from './measure.ts';
import type { Measured } from './scan/scan.ts';
import { checkInside, lacks } from './inside.ts';
import { isKeptInGit, type SelectedPath, selectPaths } from './select.ts';
import { findInside } from './add/set-inside.ts';
import { inTurns, openWorkspace, type Workspace } from './workspace.ts';

/**
 * How a tracked path stands against the lockfile. `absent`: the lockfile names it, and it was never in this clone's
 * workspace. `unknown`: it cannot be read.
 */
export type DataState = 'unchanged' | 'modified' | 'added' | 'deleted' | 'absent' | 'unknown';

/** One tracked path, or one file inside it that is not `unchanged`. */
export interface DataRow {
  readonly path: string;
  readonly kind: 'file' | 'tree';
  readonly state: DataState;
  /** Whether all that the lockfile names there is in the cache; null when that is not known, or not asked of it. */
  readonly cached: boolean | null;
}

/** How tracked data and the outputs of stages stand. No targets: all. */
export async function dataStatus(
  project: Project,
  targets: readonly string[],
  options: { readonly granular?: boolean } = {},
): Promise<DataRow[]> {
  const lockfile = project.readLockfile();
  const workspace = await openWorkspace(project);
  const selected = selectPaths(lockfile, await project.pipeline(), targets, project);
  checkInside(workspace.cache, withoutNew(project.root, selected));
  const rows: DataRow[] = [];
  const isThere = workspace.cache.presence();
  try {
    for (const [path, locked] of selected) {
      const have = await measure(project, workspace, path);
      for (const part of partsOf(workspace.cache, path, locked, have)) {
        const row = rowOf(workspace, isThere, part);
        rows.push({ ...row, cached: isKeptInGit(lockfile, path) ? null : row.cached });
        if (options.granular === true && part.want?.kind === 'tree') rows.push(...filesOf(workspace, part));
      }
    }
  } finally {
    workspace.index.save();
  }
  return rows;
}

/** What is new in a folder is no mistake of the one who asks about it. */
function withoutNew(root: string, selected: ReadonlyMap<string, SelectedPath>): Map<string, SelectedPath> {
  return new Map(
    [...selected].map(([path, { inside, ...locked }]) => {
      const gone = inside?.filter((part) => lookAt(join(root, path, part)) === undefined);
      return [path, gone === undefined ? locked : { ...locked, inside: gone }];
    }),
  );
}

interface Part {
  readonly path: string;
  /** 'unknown': it cannot be read. */
  readonly have: Measured | undefined | 'unknown';
  readonly want: TreeEntry | undefined;
  readonly locked: SelectedPath;
  /** The tracked path that it belongs to. */
  readonly top: string;
}

async function measure(project: Project, workspace: Workspace, path: string): Promise<Part['have']> {
  try {
    return await inTurns(measureOwnSteps(workspace, path), 'hash', project);
  } catch (error) {
    if (!(error instanceof MlopsError) || isInterruption(error)) throw error;
    project.report({ type: 'warning', message: error.message, hint: error.hint });
    return 'unknown';
  }
}

function partsOf(cache: Cache, path: string, locked: SelectedPath, have: Part['have']): Part[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const inside = locked.inside?.filter((wanted) => !hasWildcard(wanted)) ?? [];
  if (inside.length === 0) return [{ path, have, want: entryOf(name, locked), locked, top: path }];
  return inside.map((wanted) => ({
    path: `${path}/${wanted}`,
    have: have === 'unknown' ? have : descend(have, wanted.split('/')),
    want: findInside(cache, locked, wanted),
    locked: { ...locked, inside: [wanted] },
    top: path,
  }));
}

function descend(have: Measured | undefined, names: readonly string[]): Measured | undefined {
  return names.reduce<Measured | undefined>((at, name) => at?.children?.find((child) => child.name === name), have);
}

function rowOf(workspace: Workspace, isThere: (digest: Digest) => boolean, part: Part): DataRow {
  const { path, want, locked } = part;
  const state = stateOf(workspace, part);
  const there = part.have === 'unknown' ? undefined : part.have?.kind;
  const kind = (want?.kind ?? (state === 'added' ? there : locked.kind)) === 'tree' ? 'tree' : 'file';
  return { path, kind, state, cached: state === 'added' ? null : isCached(workspace.cache, isThere, part) };
}

function stateOf(workspace: Workspace, { path, have, want, locked, top }: Part): DataState {
  if (have === 'unknown') return 'unknown';
  if (have === undefined) return workspace.index.wasHere(path) ? 'deleted' : 'absent';
  if (want === undefined) return lacks(workspace.cache, locked, path.slice(top.length + 1)) ? 'added' : 'unknown';
  if (have.digest === want.digest && have.kind === want.kind) return 'unchanged';
  const filled = fillAbsent(workspace, path, have, want, digestOf);
  return filled?.entry.digest === want.digest && filled.absent.length > 0 ? 'absent' : 'modified';
}

function isCached(cache: Cache, isThere: (digest: Digest) => boolean, { locked, top }: Part): boolean | null {
  try {
    if (locked.kind === 'file') return isThere(locked.digest);
    if (locked.inside === undefined) return isWhole(cache, locked.digest, isThere);
    const { objects, missingTrees } = collectObjects(cache, new Map([[top, locked]]));
    return missingTrees.length === 0 && objects.every(({ digest }) => isThere(digest));
  } catch (error) {
    if (error instanceof MlopsError && error.kind === 'damaged') return false;
    throw error;
  }
}

function filesOf({ cache, index }: Workspace, { path, have, want }: Part): DataRow[] {
  if (have === 'unknown' || have === undefined || want === undefined) return [];
  const rows: DataRow[] = [];
  const unlisted = new Set<string>();
  for (const { path: file, before, after } of differences(
    path,
    listedNode(cache, path, want, unlisted),
    measuredNode(have),
  )) {
    const state = before === null ? 'added' : after !== null ? 'modified' : index.wasHere(file) ? 'deleted' : 'absent';
    rows.push({ path: file, kind: 'file', state, cached: before === null ? null : cache.has(before.digest) });
  }
  // Without its tree nothing can be said of single files: then the folder stands for them.
  const known = rows.filter((row) => !foldersAbove(row.path).some((folder) => unlisted.has(folder)));
  unlisted.delete(path);
  for (const folder of unlisted) {
    const isThere = descend(have, folder.slice(path.length + 1).split('/')) !== undefined;
    const state = isThere ? 'modified' : index.wasHere(folder) ? 'deleted' : 'absent';
    known.push({ path: folder, kind: 'tree', state, cached: false });
  }
  return known.sort((a, b) => compareCodePoints(a.path, b.path));
}

/** What the cache has, as a node; folders whose trees it lacks have nothing in them, and are `unlisted`. */
function listedNode(cache: Cache, path: string, entry: TreeEntry, unlisted: Set<string>): Node {
  const node = storedNode(cache, entry);
  return {
    entry,
    *children() {
      try {
        for (const child of node.children())
          yield listedNode(cache, `${path}/${child.entry.name}`, child.entry, unlisted);
      } catch (error) {
        if (!(error instanceof MlopsError)) throw error;
        unlisted.add(path);
      }
    },
  };
}
