import { join } from 'node:path';
import type { Project } from '../../project/project.ts';
import { lookAt } from '../../system/list-files.ts';

/** Those of the changed files that Git can be told of: what is gone and was never Git's is none of its business. */
export async function forGit({ git, root }: Project, files: readonly string[]): Promise<string[]> {
  const gone = files.filter((file) => lookAt(join(root, file)) === undefined);
  if (gone.length === 0) return [...files];
  const tracked = (await git?.trackedAmong(gone)) ?? new Set();
  return files.filter((file) => !gone.includes(file) || tracked.has(file));
}
