import { join } from 'node:path';
import { addPaths } from '../../src/features/data/add/add.ts';
import type { Project } from '../../src/project/project.ts';

/** Puts project paths under the tool's care, as `mlops add` does. */
export async function track(project: Project, ...paths: readonly string[]): Promise<void> {
  await addPaths(project, { paths: paths.map((path) => join(project.root, path)), force: false, dryRun: false });
}
