import type { Project } from '../project/project.ts';

/** With `autostage: true`, gives Git what a command changed. Returns what a person still has to `git add`. */
export async function stageInGit({ config, git }: Project, files: readonly string[]): Promise<readonly string[]> {
  if (git === null || files.length === 0) return [];
  if (!config.autostage) return files;
  await git.add(files);
  return [];
}
