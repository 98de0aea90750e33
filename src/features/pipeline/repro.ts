import { join } from 'node:path';
import type { Project } from '../../project/project.ts';
import { writeFile } from '../../system/write-file.ts';
import { recoverRuns, sweepRun, withRunLease } from './run/journal.ts';
import { openSession } from './open-session.ts';
import { dryRun } from './dry-run.ts';
import { PLAIN_REPRO, type ReproRequest, type ReproResult } from './request.ts';
import { runAll } from './run/run-all.ts';
import { pruneLogs } from './run/stage-log.ts';

/** What a caller of `reproduce` needs to know. */
export type { ReproRequest, ReproResult } from './request.ts';

/** Runs what is out of date, each stage after all that it reads, restoring what was run before; or, as a dry run, says what it would do. */
export async function reproduce(project: Project, asked: Partial<ReproRequest> = {}): Promise<ReproResult> {
  const request = { ...PLAIN_REPRO, ...asked };
  if (!request.dryRun) await recoverRuns(project);
  const texts = await changedTexts(project, request);
  const { session, stages } = await openSession(project, request, texts);
  if (request.dryRun) return dryRun(session, stages);
  for (const [file, text] of texts) {
    writeFile(join(project.root, file), text, project.layout.tmp);
    session.changedFiles.add(file);
  }
  return withRunLease(project, session.run, async () => {
    try {
      return await runAll(session, stages);
    } finally {
      sweepRun(project, session.run);
      pruneLogs(project);
      session.files.save();
    }
  });
}

async function changedTexts({ root }: Project, { setParams }: ReproRequest): Promise<ReadonlyMap<string, string>> {
  if (setParams.length === 0) return new Map();
  const { changeParams } = await import('./definition/set-params.ts');
  return changeParams(root, setParams);
}
