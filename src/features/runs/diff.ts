import { MlopsError } from '../../core/errors.ts';
import type { Run } from '../../core/run.ts';
import { compareCodePoints, type Json } from '../../core/value.ts';
import type { Project } from '../../project/project.ts';
import { showRun } from './list.ts';

/** A param or metric that two runs have different values of; null where one has none. */
export interface RunChange {
  readonly name: string;
  readonly before: Json;
  readonly after: Json;
  /** Of two numbers; null otherwise. */
  readonly delta: number | null;
}

/** The document of `runs diff`. */
export interface RunDiff {
  readonly from: string;
  readonly to: string;
  readonly commits: { readonly before: string | null; readonly after: string | null };
  readonly params: readonly RunChange[];
  readonly metrics: readonly RunChange[];
}

/** How two runs differ, by ids or their beginnings: the newest against the one before when none is named, one against the newest. */
export async function diffRuns(project: Project, ids: readonly string[], all: boolean): Promise<RunDiff> {
  const [from, to] = await sides(project, ids);
  return {
    from: from.id,
    to: to.id,
    commits: { before: from.commit, after: to.commit },
    params: changes(from.params, to.params, all),
    metrics: changes(from.metrics, to.metrics, all),
  };
}

async function sides(project: Project, [a, b]: readonly string[]): Promise<[Run, Run]> {
  if (a !== undefined) return [await showRun(project, a), await showRun(project, b ?? null)];
  const [newest, before] = (await project.openRuns()).list({ limit: 2 });
  if (newest !== undefined && before !== undefined) return [before, newest];
  throw new MlopsError('usage', 'There are no two runs to compare yet.', { hint: 'mlops runs list' });
}

function changes(
  before: Readonly<Record<string, Json>>,
  after: Readonly<Record<string, Json>>,
  all: boolean,
): RunChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted(compareCodePoints);
  return names
    .map((name) => changeOf(name, before[name] ?? null, after[name] ?? null))
    .filter((change) => all || JSON.stringify(change.before) !== JSON.stringify(change.after));
}

function changeOf(name: string, before: Json, after: Json): RunChange {
  return {
    name,
    before,
    after,
    delta: typeof before === 'number' && typeof after === 'number' ? after - before : null,
  };
}
