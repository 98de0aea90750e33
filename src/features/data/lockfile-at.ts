import { MlopsError } from '../../core/errors.ts';
import { EMPTY_LOCKFILE, type Lockfile } from '../../core/lockfile.ts';
import { type Revision, revisionName, WORKSPACE } from '../../core/revision.ts';
import { LOCKFILE } from '../../project/layout.ts';
import type { Project } from '../../project/project.ts';
import { parseLockfile } from '../../stores/documents/lockfile.ts';

/** What a name stands for, the workspace when there is none. Fails with `no-git` where there is no history. */
export async function revisionOf({ git, root }: Project, name: string | null): Promise<Revision> {
  if (name === null || name === 'workspace') return WORKSPACE;
  if (git !== null) return git.resolve(name);
  throw new MlopsError('no-git', `${root} is not in a Git repository, so it has no revision "${name}".`, {
    hint: 'git init',
  });
}

/** The lockfile of a revision; one that has none names nothing. */
export async function lockfileAt(project: Project, revision: Revision): Promise<Lockfile> {
  if (revision.type === 'workspace') return project.readLockfile();
  const bytes = await project.git?.readFile(revision, LOCKFILE);
  if (bytes === undefined) return EMPTY_LOCKFILE;
  return parseLockfile(Buffer.from(bytes).toString('utf8'), `${revisionName(revision)}:${LOCKFILE}`);
}
