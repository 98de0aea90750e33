import { revisionName, WORKSPACE } from '../../core/revision.ts';
import type { Project } from '../../project/project.ts';
import { holdToGates, type ValuesDiffResult, withRevision } from './diff.ts';
import { readValues } from './read.ts';
import { resolveNames } from './revisions.ts';

/** The document of `metrics check`. */
export type CheckResult = Pick<ValuesDiffResult, 'from' | 'to' | 'gates' | 'errors'>;

/** Holds the metrics of the workspace to the gates, compared with a base: HEAD, unless another one is named. */
export async function checkMetrics(project: Project, base: string | null): Promise<CheckResult> {
  // Before the first commit there is nothing to compare with, and what needs no comparison is checked all the same.
  const name = base ?? (project.git?.head() ? 'HEAD' : 'workspace');
  const [from = WORKSPACE] = await resolveNames(project, [name]);
  const before = from.type === 'workspace' ? null : await readValues(project, from, 'metrics');
  const after = await readValues(project, WORKSPACE, 'metrics');
  return {
    from: revisionName(from),
    to: revisionName(WORKSPACE),
    gates: holdToGates(before, after),
    errors: [...(before === null ? [] : withRevision(before, after)), ...withRevision(after, before)],
  };
}
