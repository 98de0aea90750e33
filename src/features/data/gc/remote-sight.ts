import { resolve } from 'node:path';
import { MlopsError } from '../../../core/errors.ts';
import type { Project } from '../../../project/project.ts';
import { blindnessOf } from '../../../stores/git/completeness.ts';
import { registeredProjects } from '../../../stores/remotes/projects.ts';
import type { Remote } from '../../../stores/remotes/remote.ts';
import { identitiesOf } from '../identity.ts';

/** Fails with `refused` where this clone, and the projects named with it, do not see all that the remote's objects are needed for. */
export async function refuseBlind(
  project: Project,
  remote: Remote,
  roots: readonly string[],
  forget: readonly string[],
) {
  for (const root of roots) await refuseBlindClone(root, project);
  const known = new Set(forget);
  for (const root of roots) for (const { id } of await identitiesOf(root, project.env)) known.add(id);
  const stranger = (await registeredProjects(remote)).find(({ id }) => !known.has(id));
  if (stranger === undefined) return;
  throw new MlopsError(
    'refused',
    `Another project uses ${remote.url}, too: ${stranger.name} (${stranger.id}). What it needs is not known here.`,
    {
      hint: `Name a clone of it: --project <dir>. If it is gone for good: --forget ${stranger.id}`,
    },
  );
}

/** The folders of a project and of those named with it. */
export function rootsOf({ root, cwd }: Project, projects: readonly string[]): string[] {
  return [...new Set([root, ...projects.map((typed) => resolve(cwd, typed))])];
}

async function refuseBlindClone(root: string, { env }: Project): Promise<void> {
  const blindness = await blindnessOf(root, env);
  if (blindness === null) return;
  const refuse = (what: string, hint: string) =>
    new MlopsError('refused', `The clone in ${root} ${what}, so it does not know all that is needed of the remote.`, {
      hint,
    });
  if (blindness.type === 'shallow') throw refuse('is shallow', 'git fetch --unshallow');
  const { type, remote } = blindness;
  if (type === 'never-fetched') throw refuse(`has fetched nothing from ${remote} yet`, `git fetch ${remote}`);
  throw refuse(
    `fetches only some branches of ${remote}`,
    `git config remote.${remote}.fetch '+refs/heads/*:refs/remotes/${remote}/*' && git fetch ${remote}`,
  );
}
