import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import type { Project } from '../../project/project.ts';
import { removeRecord } from '../../stores/runs/records.ts';

/** Which runs are to be forgotten: those beyond so many of the newest, those before a date, or those that are both. */
export interface PruneRequest {
  readonly keep: number | null;
  /** ISO-8601. */
  readonly before: string | null;
  readonly dryRun: boolean;
}

/** The document of `runs prune`. */
export interface RunsPruned {
  readonly removed: readonly string[];
  readonly kept: number;
  readonly dryRun: boolean;
}

/** Forgets runs with their records and logs. What they wrote is the run cache's, and stays. */
export async function pruneRuns(project: Project, { keep, before, dryRun }: PruneRequest): Promise<RunsPruned> {
  if (keep === null && before === null) {
    throw new MlopsError('usage', 'Say which runs are to be forgotten.', {
      hint: 'mlops runs prune --keep 100, or --before 2026-01-01',
    });
  }
  const runs = await project.openRuns();
  const newest = new Set(runs.list({ limit: keep ?? 0 }).map(({ id }) => id));
  const removed = runs
    .list({ before })
    .map(({ id }) => id)
    .filter((id) => !newest.has(id));
  const kept = runs.count() - removed.length;
  if (!dryRun) {
    runs.remove(removed);
    for (const id of removed) {
      removeRecord(project.layout.runs, id);
      rmSync(join(project.layout.logs, id), { recursive: true, force: true });
    }
  }
  return { removed, kept, dryRun };
}
