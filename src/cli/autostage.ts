import { MlopsError } from '../core/errors.ts';
import { shellWord } from '../core/shell-word.ts';
import type { Project } from '../project/project.ts';

/**
 * With `autostage: true`, gives Git what a command changed. Returns what a person still has to `git add`: all of it, when Git
 * would not take it, since the work itself is done.
 */
export async function stageInGit(project: Project, files: readonly string[]): Promise<readonly string[]> {
  const { config, git, root, report } = project;
  if (git === null || files.length === 0) return [];
  if (!config.autostage) return files;
  try {
    await git.add(files);
    return [];
  } catch (error) {
    if (!(error instanceof MlopsError) || error.kind !== 'failed') throw error;
    const hint = `git -C ${shellWord(root)} add ${files.map(shellWord).join(' ')}`;
    report({ type: 'warning', message: error.message, hint });
    return files;
  }
}
