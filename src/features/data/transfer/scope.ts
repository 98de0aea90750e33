import { MlopsError } from '../../../core/errors.ts';
import { lockedPaths, type Lockfile } from '../../../core/lockfile.ts';
import type { Pipeline } from '../../../core/pipeline.ts';
import { LOCKFILE } from '../../../project/layout.ts';
import type { Project } from '../../../project/project.ts';
import type { CommitScope } from '../../../stores/git/snapshots.ts';
import { lockfileAt } from '../lockfile-at.ts';
import { type SelectedPath, selectPaths } from '../select.ts';
import { routePaths } from './plan.ts';
import { prefixOf, type RunRecord } from './run-records.ts';

/** Paths by the remote they belong to. */
export type Routes = Map<string | null, Map<string, SelectedPath>>;

/** What is asked for, in the workspace and in commits. */
export interface Wanted {
  readonly targets: readonly string[];
  readonly isGlob?: boolean;
  readonly scope?: CommitScope | null;
}

/**
 * What targets need in the workspace's lockfile and in those of commits, by remote. A path of a commit is called
 * `<name>:<path>`; content that was met before is not wanted twice.
 */
export async function routesOf(
  project: Project,
  pipeline: Pipeline,
  { targets, isGlob, scope = null }: Wanted,
  records: readonly RunRecord[] = [],
): Promise<Routes> {
  const routes: Routes = new Map();
  const seen = new Set<string>();
  const take = (remote: string | null, paths: ReadonlyMap<string, SelectedPath>, prefix: string) => {
    const known = routes.get(remote) ?? new Map<string, SelectedPath>();
    for (const [path, locked] of paths) {
      const content = JSON.stringify([remote, locked.digest, locked.inside ?? null]);
      if (!seen.has(content) || prefix === '') known.set(prefix + path, locked);
      seen.add(content);
    }
    routes.set(remote, known);
  };
  const add = (lockfile: Lockfile, prefix: string) => {
    const selected = selectPaths(lockfile, pipeline, targets, project, isGlob);
    for (const [remote, paths] of routePaths(selected, pipeline)) take(remote, paths, prefix);
  };

  const commits = scope === null ? [] : await lockfilesIn(project, scope);
  let unknown: unknown = null;
  let isKnown = false;
  for (const [lockfile, prefix] of [[project.readLockfile(), ''] as const, ...commits]) {
    try {
      add(lockfile, prefix);
      isKnown = true;
    } catch (error) {
      // A target that is somewhere need not be everywhere.
      if (commits.length === 0 || !(error instanceof MlopsError) || error.kind !== 'usage') throw error;
      unknown ??= error;
    }
  }
  if (!isKnown) throw unknown;
  // Of a run all is needed, also what is kept in Git, since a restore brings all of it.
  for (const record of records) {
    const paths = new Map<string, SelectedPath>(lockedPaths(record.lockfile));
    for (const [remote, some] of routePaths(paths, pipeline, true)) take(remote, some, prefixOf(record));
  }
  return routes;
}

async function lockfilesIn(project: Project, scope: CommitScope): Promise<[Lockfile, string][]> {
  const { git, root } = project;
  if (git === null) {
    throw new MlopsError('no-git', `${root} is not in a Git repository, so it has no other revisions.`, {
      hint: 'git init',
    });
  }
  const snapshots = await git.snapshots(LOCKFILE);
  const found: [Lockfile, string][] = [];
  for (const { sha, name } of await snapshots.commits(scope)) {
    const short = name === sha ? sha.slice(0, 10) : name;
    found.push([await lockfileAt(project, { type: 'commit', name, sha }), `${short}:`]);
  }
  return found;
}
