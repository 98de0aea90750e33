import { join } from 'node:path';
import { MlopsError } from '../../../core/errors.ts';
import type { Project } from '../../../project/project.ts';
import { expandGlob } from '../../../system/list-files.ts';
import { projectPathOf } from '../select.ts';

/** The files that patterns as typed stand for, absolute. One that stands for none is refused. */
export async function expandPaths(project: Project, patterns: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const typed of patterns) {
    const files = await expandGlob(projectPathOf(typed, project), project.root);
    if (files.length === 0) {
      throw new MlopsError('usage', `No file matches ${typed}.`, {
        hint: 'Patterns are quoted, so that the shell leaves them alone: mlops add --glob "data/**/*.csv"',
      });
    }
    for (const file of files) found.add(join(project.root, file));
  }
  return [...found];
}
