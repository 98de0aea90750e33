import { mkdirSync, rmSync } from 'node:fs';
import { MlopsError } from '../../core/errors.ts';
import type { Project } from '../../project/project.ts';
import { hasRecord, writeRecord } from '../../stores/runs/records.ts';
import { openRuns } from '../../stores/runs/runs.ts';

/** The document of `runs rebuild`. */
export interface RunsRebuilt {
  readonly runs: number;
}

/** Makes the history anew from the records of the runs. What a history that can still be read has beyond them is kept. */
export async function rebuildRuns(project: Project): Promise<RunsRebuilt> {
  const { layout } = project;
  await keepWhatIsLeft(project);
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${layout.runsDatabase}${suffix}`, { force: true });
  const runs = await openRuns(layout.runsDatabase, layout.runs);
  const count = runs.count();
  runs.close();
  return { runs: count };
}

async function keepWhatIsLeft({ layout }: Project): Promise<void> {
  try {
    const runs = await openRuns(layout.runsDatabase, null);
    mkdirSync(layout.runs, { recursive: true });
    for (const run of runs.list()) if (!hasRecord(layout.runs, run.id)) writeRecord(layout.runs, run, layout.tmp);
    runs.close();
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
  }
}
