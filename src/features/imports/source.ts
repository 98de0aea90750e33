import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, posix, resolve } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import { foldersAbove } from '../../core/overlap.ts';
import type { Revision } from '../../core/revision.ts';
import { LOCKFILE, PIPELINE_FILE } from '../../project/layout.ts';
import { openProject } from '../../project/open.ts';
import type { Project, Surroundings } from '../../project/project.ts';
import type { Cache } from '../../stores/cache/cache.ts';
import { fetchCommit } from '../../stores/git/clone.ts';
import { type Git, openGit } from '../../stores/git/git.ts';

/** Where data comes from: a commit of another repository. */
export interface Source {
  /** As the lockfile names it. */
  readonly repo: string;
  /** Top of the work tree of the repository itself, or of our clone of it. */
  readonly folder: string;
  readonly git: Git;
  readonly commit: Extract<Revision, { type: 'commit' }>;
  /** Whether `folder` is the repository itself, so that its own cache may have what no remote has. */
  readonly isLocal: boolean;
  close(): void;
}

/** What a source is opened with: our own cache, and a place for clones. */
export interface SourceContext {
  /** Relative paths of repositories start here, absolute. */
  readonly base: string;
  readonly clones: string;
  readonly cache: Cache;
  readonly surroundings: Surroundings;
}

/** Opens a repository by URL or path at a revision (null: what is checked out there). Fails like `fetchCommit`. */
export async function openSource(context: SourceContext, repo: string, rev: string | null): Promise<Source> {
  const { env } = context.surroundings;
  const local = localFolder(context.base, repo);
  if (local !== null) {
    const git = await openGit(local, env);
    if (git === null)
      throw new MlopsError('usage', `${repo} is a folder, but no Git repository.`, {
        hint: 'mlops import-url takes files and folders as they are.',
      });
    const top = await openGit(git.folder, env);
    if (top === null) throw new Error(`${git.folder} has a repository, and then it has none.`);
    git.close();
    return sourceOf(repo, top.folder, top, await top.resolve(rev ?? 'HEAD'), true);
  }
  const url = isAbsolute(repo) || !existsSync(resolve(context.base, repo)) ? repo : resolve(context.base, repo);
  const { folder, sha } = await fetchCommit({ url, rev, clones: context.clones, env });
  const git = await openGit(folder, env);
  if (git === null) throw new Error(`The clone in ${folder} is gone.`);
  return sourceOf(repo, folder, git, { type: 'commit', name: rev ?? sha.slice(0, 10), sha }, false);
}

function sourceOf(repo: string, folder: string, git: Git, commit: Revision, isLocal: boolean): Source {
  if (commit.type !== 'commit')
    throw new MlopsError('usage', 'Data of another repository comes from a commit.', { hint: 'Name one with --rev.' });
  return { repo, folder, git, commit, isLocal, close: () => git.close() };
}

/** The folder of a repository with a work tree on this machine; null for a URL, and for a bare repository. */
function localFolder(base: string, repo: string): string | null {
  const path = resolve(base, repo.replace(/^file:\/\//, ''));
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return null;
  return existsSync(join(path, 'HEAD')) && existsSync(join(path, 'objects')) ? null : path;
}

/**
 * The project that a path of a source belongs to, opened with our cache in place of its own; null where the commit has none
 * around it. Of a clone only its configuration is put on the disk.
 */
export async function projectAround(
  context: SourceContext,
  source: Source,
  path: string,
  plain: 'or-plain' | 'or-null' = 'or-null',
): Promise<{ project: Project; prefix: string } | null> {
  const { git, commit, folder } = source;
  for (const below of [path, ...foldersAbove(path).reverse(), '.']) {
    const names = [posix.join(below, PIPELINE_FILE), posix.join(below, LOCKFILE)];
    const [definition, lockfile] = await Promise.all(names.map((name) => git.readFile(commit, name)));
    if (definition === undefined && lockfile === undefined) continue;
    const root = join(folder, below);
    if (!source.isLocal) {
      mkdirSync(root, { recursive: true });
      writeFileSync(join(root, PIPELINE_FILE), definition ?? '');
    } else if (!existsSync(root)) return null;
    const project = await openProject(root, context.surroundings, { cache: context.cache });
    return { project, prefix: below === '.' ? '' : `${below}/` };
  }
  return plain === 'or-null' ? null : { project: await plainProject(context, source), prefix: '' };
}

/** A repository without any project, looked at as if it had one in which nothing is tracked. */
async function plainProject(context: SourceContext, source: Source): Promise<Project> {
  const { clones, surroundings, cache } = context;
  const { folder } = source.isLocal
    ? await fetchCommit({ url: source.folder, rev: source.commit.sha, clones, env: surroundings.env })
    : source;
  writeFileSync(join(folder, PIPELINE_FILE), '');
  return openProject(folder, surroundings, { cache });
}

/** The cache that a local source keeps its own data in; undefined for a clone. */
export async function ownCacheOf(context: SourceContext, source: Source, project: Project): Promise<Cache | undefined> {
  if (!source.isLocal) return undefined;
  const own = await openProject(project.root, context.surroundings);
  const cache = await own.cache();
  own.git?.close();
  return existsSync(dirname(cache.dir)) ? cache : undefined;
}
