import type { Project } from '../project/project.ts';

/** With `autostage: true`, gives Git what a command changed. Says whether there is still a `git add` to do. */
export async function stageInGit({ config, git }: Project, files: readonly string[]): Promise<boolean> {
  if (git === null || files.length === 0) return false;
  if (!config.autostage) return true;
  await git.add(files);
  return false;
}
