import { join } from 'node:path';
import { MlopsError } from '../../../core/errors.ts';
import type { Lockfile } from '../../../core/lockfile.ts';
import { LOCKFILE } from '../../../project/layout.ts';
import type { Project } from '../../../project/project.ts';
import { parseLockfile } from '../../../stores/documents/lockfile.ts';
import { type Git, openGit } from '../../../stores/git/git.ts';
import type { CommitScope, FoundFile, ScopedCommit } from '../../../stores/git/snapshots.ts';
import { readFileIfThere } from '../../../system/read-file.ts';

/** Which lockfiles keep their objects, beside those of the work trees. */
export interface GcScope extends CommitScope {
  /** Commits that are known to be broken, as typed. */
  readonly skipRevs: readonly string[];
}

/** Gives every lockfile of the scope to `visit`, each text once, and those that no commit has yet within `hold`. One that cannot be read is an error that names it. */
export async function visitLockfiles(
  project: Project,
  root: string,
  scope: GcScope,
  visit: (lockfile: Lockfile) => void,
  hold: (work: () => Promise<void>) => Promise<void> = (work) => work(),
): Promise<void> {
  const git = root === project.root ? project.git : await openGit(root, project.env);
  const seen = new Set<string>();
  const own = join(root, LOCKFILE);
  const ownFile = { where: own, id: null, read: async () => readFileIfThere(own) };
  if (git === null) {
    await hold(() => visitEach([ownFile], seen, visit));
    if (needsHistory(scope)) throw noHistory(root);
    return;
  }
  const snapshots = await git.snapshots(LOCKFILE);
  if (asksForAll(scope) && (await snapshots.isShallow())) throw shallow(root);
  await hold(async () => visitEach([ownFile, ...(await snapshots.uncommitted())], seen, visit));
  const skipped = await resolveAll(git, scope.skipRevs);
  for (const commit of await snapshots.commits(scope)) {
    if (!skipped.has(commit.sha)) await visitCommit(await snapshots.inCommit(commit), commit, seen, visit);
  }
  if (root !== project.root) git.close();
}

function needsHistory(scope: GcScope): boolean {
  return asksForAll(scope) || scope.revs.length > 0;
}

/** Whether commits count that nobody named: a clone without them cannot tell what they need. */
function asksForAll({ allBranches, allTags, allCommits, since }: GcScope): boolean {
  return allBranches || allTags || allCommits || since !== null;
}

async function resolveAll(git: Git, names: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const name of names) {
    const revision = await git.resolve(name);
    if (revision.type === 'commit') found.add(revision.sha);
  }
  return found;
}

async function visitCommit(
  files: readonly FoundFile[],
  { sha }: ScopedCommit,
  seen: Set<string>,
  visit: (lockfile: Lockfile) => void,
): Promise<void> {
  try {
    await visitEach(files, seen, visit);
  } catch (error) {
    if (!(error instanceof MlopsError) || error.kind !== 'invalid-file') throw error;
    throw new MlopsError('invalid-file', error.message, {
      problems: error.problems,
      hint: `Nothing was removed. To leave this commit out: --skip-rev ${sha.slice(0, 10)}`,
    });
  }
}

async function visitEach(
  files: readonly FoundFile[],
  seen: Set<string>,
  visit: (lockfile: Lockfile) => void,
): Promise<void> {
  for (const { where, id, read } of files) {
    if (id !== null && seen.has(id)) continue;
    const bytes = await read();
    // A file that Git has in its index and the disk has no more is nothing; a missing object of Git is trouble.
    if (bytes === undefined) {
      if (id === null) continue;
      throw new MlopsError('failed', `${where} cannot be read: Git has no object ${id}.`, {
        hint: 'Nothing was removed. See what is wrong: git fsck',
      });
    }
    visit(parseLockfile(Buffer.from(bytes).toString('utf8'), where));
    if (id !== null) seen.add(id);
  }
}

function shallow(root: string): MlopsError {
  return new MlopsError(
    'refused',
    `The clone in ${root} is shallow: what the commits need that it lacks is not known.`,
    {
      hint: 'git fetch --unshallow',
    },
  );
}

function noHistory(root: string): MlopsError {
  return new MlopsError('no-git', `${root} is not in a Git repository, so it has no branches, tags and commits.`, {
    hint: 'mlops gc --workspace',
  });
}
