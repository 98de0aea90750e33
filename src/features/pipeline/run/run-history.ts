import { MlopsError } from '../../../core/errors.ts';
import type { Run } from '../../../core/run.ts';
import type { Project } from '../../../project/project.ts';
import type { RunFilter } from '../../../stores/runs/runs.ts';

/** The document of `runs list`. */
export interface RunList {
  readonly runs: readonly Run[];
}

/** The runs of this clone, the newest first. */
export async function listRuns(project: Project, filter: RunFilter): Promise<RunList> {
  return { runs: (await project.openRuns()).list(filter) };
}

/** One run by its id, or by the beginning of it; without one, the newest. */
export async function showRun(project: Project, id: string | null): Promise<Run> {
  const runs = await project.openRuns();
  const [found] = id === null ? runs.list({ limit: 1 }) : [runs.find(id)];
  if (found !== undefined) return found;
  if (id === null) throw new MlopsError('usage', 'Nothing was run yet in this clone.', { hint: 'mlops repro' });
  throw new MlopsError('usage', `There is no run ${id}.`, { hint: 'mlops runs list' });
}
