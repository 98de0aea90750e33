import { MlopsError } from '../../core/errors.ts';
import type { Run } from '../../core/run.ts';
import type { Project } from '../../project/project.ts';
import type { MetricCondition, RunFilter } from '../../stores/runs/runs.ts';

/** The document of `runs list`. */
export interface RunList {
  readonly runs: readonly Run[];
  /** How many there are without the limit. */
  readonly total: number;
}

/** The runs of this clone, the newest first unless they are sorted. */
export async function listRuns(project: Project, filter: RunFilter): Promise<RunList> {
  const runs = await project.openRuns();
  return { runs: runs.list(filter), total: runs.count(filter) };
}

/** One run by its id, or by the beginning of it; without one, the newest. */
export async function showRun(project: Project, id: string | null): Promise<Run> {
  const runs = await project.openRuns();
  const [found] = id === null ? runs.list({ limit: 1 }) : [runs.find(id)];
  if (found !== undefined) return found;
  if (id === null) throw new MlopsError('usage', 'Nothing was run yet in this clone.', { hint: 'mlops repro' });
  throw new MlopsError('usage', `There is no run ${id}.`, { hint: 'mlops runs list' });
}

/** `accuracy >= 0.9` as it is typed. Fails with `usage` for anything else. */
export function parseCondition(text: string): MetricCondition {
  const [, metric = '', is = '', number = ''] = /^\s*(.+?)\s*(<=|>=|!=|==|=|<|>)\s*(\S+)\s*$/.exec(text) ?? [];
  const value = Number(number);
  if (metric === '' || number === '' || Number.isNaN(value)) {
    throw new MlopsError('usage', `"${text}" compares no metric with a number, such as "accuracy >= 0.9"`);
  }
  return { metric, is: is === '==' ? '=' : (is as MetricCondition['is']), value };
}
