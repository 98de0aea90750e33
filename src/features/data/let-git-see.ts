import type { Project } from '../../project/project.ts';
import { ignoreInGit, unignoreInGit } from '../../stores/git/ignore.ts';
import { showToGit } from './checkout/keep-out-of-git.ts';

/**
 * Takes the lines for paths out of `.gitignore`, and then does the work after which they are tracked no longer. In this order
 * the same command, given again, finishes what a kill cut off; when the work fails the lines are back. Returns the files that changed.
 */
export async function letGitSee(
  project: Project,
  paths: readonly string[],
  work: () => Promise<unknown>,
): Promise<string[]> {
  const changed = project.git === null ? [] : await unignoreInGit(project, paths);
  try {
    await work();
    await showToGit(project, paths);
  } catch (error) {
    if (changed.length > 0) await ignoreInGit(project, paths);
    throw error;
  }
  return changed;
}
