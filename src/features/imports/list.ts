import { join } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import { lockedPaths } from '../../core/lockfile.ts';
import { compareCodePoints } from '../../core/value.ts';
import type { Project } from '../../project/project.ts';
import { type ListedEntry, listFiles, type ListResult } from '../data/list.ts';
import { lockfileAt } from '../data/lockfile-at.ts';
import { bringTreesOf } from './find.ts';
import { sourcePath } from './paths.ts';
import { openSource, projectAround, type Source, type SourceContext } from './source.ts';

/** What `ls --repo` was asked. */
export interface SourceListRequest {
  readonly repo: string;
  readonly path: string | null;
  readonly rev: string | null;
  readonly recursive: boolean;
}

/** The files of another repository at a commit: those of Git, and those that the project around the path tracks. */
export async function listSource(
  context: SourceContext,
  { repo, path: typed, rev, recursive }: SourceListRequest,
): Promise<ListResult> {
  const path = sourcePath(typed ?? '.');
  const source = await openSource(context, repo, rev);
  try {
    const around = await projectAround(context, source, path, 'or-plain');
    if (around === null) throw new MlopsError('usage', `${repo} has no ${path}.`);
    const { project, prefix } = around;
    const inner = path === '.' ? '.' : `${path}/`.slice(prefix.length, -1) || '.';
    const entries = await level(context, source, { ...project, report: () => undefined }, inner, recursive);
    const shown = entries.map((entry) => ({ ...entry, path: prefix + entry.path }));
    return { entries: shown.toSorted((a, b) => compareCodePoints(a.path, b.path)) };
  } finally {
    source.close();
  }
}

async function level(
  context: SourceContext,
  source: Source,
  project: Project,
  path: string,
  recursive: boolean,
): Promise<ListedEntry[]> {
  const lockfile = await lockfileAt(project, source.commit);
  for (const [at, locked] of lockedPaths(lockfile)) {
    const isInside = locked.kind === 'tree' && (at === path || path.startsWith(`${at}/`));
    if (isInside) await bringTreesOf(context, source, project, { at, locked, below: path.slice(at.length + 1) || '.' });
  }
  const { entries } = await listFiles(project, { path: join(project.root, path), rev: source.commit.sha, recursive });
  if (!recursive) return [...entries];
  const all: ListedEntry[] = [];
  for (const entry of entries) {
    // A folder in a list of all files is one whose trees nobody had, or an empty one.
    if (entry.kind !== 'tree' || entry.path === path) all.push(entry);
    else all.push(...(await level(context, source, project, entry.path, true)));
  }
  return all;
}
