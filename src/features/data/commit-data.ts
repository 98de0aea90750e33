import { join } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import type { Project } from '../../project/project.ts';
import { lookAt } from '../../system/list-files.ts';
import { hasWildcard } from '../../system/ignore-rules.ts';
import { addPaths, type AddResult } from './add/add.ts';
import { selectPaths } from './select.ts';

/** Tracked data that is to be accepted as it is. */
export interface CommitDataRequest {
  /** Paths as typed. None: all. */
  readonly targets: readonly string[];
  readonly dryRun: boolean;
}

/** Takes tracked data as it is in the workspace. What was never here is left as the lockfile has it; what was deleted is refused. */
export async function commitData(project: Project, { targets, dryRun }: CommitDataRequest): Promise<AddResult> {
  const { data } = project.readLockfile();
  const selected = selectPaths({ data, stages: {} }, await project.pipeline(), targets, project);
  const index = await project.index();
  const paths: string[] = [];
  for (const [path, { inside }] of selected) {
    // A part that is gone is taken out of its folder, as `add` does; a whole is not taken for nothing.
    const parts = inside?.some((part) => hasWildcard(part)) === true ? undefined : inside;
    if (parts !== undefined) paths.push(...parts.map((part) => `${path}/${part}`));
    else if (lookAt(join(project.root, path)) !== undefined) paths.push(path);
    else if (index.wasHere(path)) {
      throw new MlopsError('data-missing', `${path} was deleted, so there is nothing to accept.`, {
        hint: (word) => `Bring it back: mlops checkout ${word(path)}. Or give it up: mlops remove ${word(path)}`,
      });
    }
  }
  // It is tracked already, so whatever Git thought of it was settled then.
  return addPaths(project, { paths: paths.map((path) => join(project.root, path)), force: true, dryRun });
}
