import type { Project } from '../../project/project.ts';
import { diffMetrics, type ValuesDiffResult } from './diff.ts';

/** The document of `metrics check`. */
export type CheckResult = Pick<ValuesDiffResult, 'from' | 'to' | 'gates' | 'errors'>;

/** Holds the metrics of the workspace to the gates, compared with a base; before the first commit there is none. */
export async function checkMetrics(project: Project, base: string | null): Promise<CheckResult> {
  const from = base ?? (project.git?.head() ? 'HEAD' : 'workspace');
  const { gates, errors, ...sides } = await diffMetrics(project, { revisions: [from], paths: [], all: false });
  return { from: sides.from, to: sides.to, gates, errors };
}
