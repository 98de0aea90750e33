import { relative, sep } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import { type Revision, WORKSPACE } from '../../core/revision.ts';
import type { Project } from '../../project/project.ts';
import { toProjectPath } from '../../stores/documents/project-path.ts';

/** What names as typed stand for. Only the workspace is known without Git. */
export async function resolveNames({ git }: Pick<Project, 'git'>, names: readonly string[]): Promise<Revision[]> {
  const revisions: Revision[] = [];
  for (const name of names) {
    if (name !== 'workspace' && git === null) {
      throw new MlopsError('no-git', `This project has no history, so there is no revision "${name}".`, {
        hint: 'git init',
      });
    }
    revisions.push((await git?.resolve(name)) ?? WORKSPACE);
  }
  return revisions;
}

/** The two sides of a comparison: HEAD and the workspace, one and the workspace, two, or `a..b`. */
export async function resolveSides(
  project: Pick<Project, 'git'>,
  typed: readonly string[],
): Promise<[Revision, Revision]> {
  const [first = 'HEAD', second] = typed;
  const range = second === undefined ? /^(.*?)\.\.(?!\.)(.*)$/.exec(first) : null;
  const names = range === null ? [first, second ?? 'workspace'] : [range[1] || 'HEAD', range[2] || 'HEAD'];
  const [from = WORKSPACE, to = WORKSPACE] = await resolveNames(project, names);
  return [from, to];
}

/** Paths as typed in the current folder, relative to the project's root. */
export function toPaths({ root, cwd }: Pick<Project, 'root' | 'cwd'>, typed: readonly string[]): string[] {
  const from = relative(root, cwd).split(sep).join('/') || '.';
  return typed.map((path) => {
    const found = toProjectPath(from, path);
    if ('path' in found) return found.path;
    throw new MlopsError('usage', found.problem);
  });
}
