import { storePath } from '../../src/features/data/measure.ts';
import type { Project } from '../../src/project/project.ts';

/** Puts paths under the tool's care, as far as cache and lockfile are concerned. */
export async function track(project: Project, ...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const locked = await storePath(project, path);
    await project.updateLockfile((current) => ({ ...current, data: { ...current.data, [path]: locked } }));
  }
}
