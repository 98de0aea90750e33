import { LOCKFILE } from '../../project/layout.ts';
import type { StaleReason } from '../../core/run.ts';
import type { Project } from '../../project/project.ts';
import type { AddedPath, AddResult } from '../data/add/add.ts';
import { commitData } from '../data/commit-data.ts';
import { type Acceptance, acceptStage, considerStage, isUntouched, pathsOf, refuseMissing } from './accept.ts';
import { openSession } from './open-session.ts';
import { PLAIN_REPRO } from './request.ts';
import { forgetRemovedStages } from './session.ts';
import { matchTarget } from './targets.ts';

/** The document of `commit`. */
export interface CommitResult extends AddResult {
  /** Stages whose entry is now what they are. */
  readonly stages: readonly string[];
  /** Stages of which more than the outputs changed. Unless it is empty, nothing was accepted at all. */
  readonly refused: readonly { readonly stage: string; readonly reasons: readonly StaleReason[] }[];
}

/** What `commit` was asked. */
export interface CommitRequest {
  /** Paths and stages as typed. None: everything. */
  readonly targets: readonly string[];
  /** Whether a changed definition, dependency or param is accepted as well. */
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** Accepts what is in the workspace into cache and lockfile, without running anything and without a word in the run cache. */
export async function commitWorkspace(project: Project, request: CommitRequest): Promise<CommitResult> {
  const { targets, force, dryRun } = request;
  const { stages: known } = await project.pipeline();
  const ofStages = targets.filter((target) => matchTarget(known, target, project).length > 0);
  const ofData = targets.filter((target) => !ofStages.includes(target));

  const stages = targets.length === 0 || ofStages.length > 0 ? await consider(project, ofStages, request) : null;
  const refused = (stages?.acceptances ?? []).flatMap(({ stage, blocking }) =>
    blocking.length === 0 || force ? [] : [{ stage: stage.name, reasons: blocking }],
  );
  const nothing = { added: [], unchanged: [], changedFiles: [], stages: [], refused };
  if (refused.length > 0) return nothing;

  const data: AddResult =
    targets.length === 0 || ofData.length > 0 ? await commitData(project, { targets: ofData, dryRun }) : nothing;
  const outputs = stages === null ? nothing : await accept(stages, dryRun);
  return {
    added: [...data.added, ...outputs.added],
    unchanged: [...data.unchanged, ...outputs.unchanged],
    changedFiles: [...new Set([...data.changedFiles, ...outputs.changedFiles])].toSorted(),
    stages: outputs.stages,
    refused,
  };
}

type Considered = Awaited<ReturnType<typeof consider>>;

/** Everything that speaks against it is found before anything is written. */
async function consider(project: Project, targets: readonly string[], { dryRun, force }: CommitRequest) {
  // What was never pulled is as the lockfile says.
  const request = { ...PLAIN_REPRO, targets, dryRun, single: true, allowMissing: true };
  const { session, stages } = await openSession(project, request);
  const acceptances: Acceptance[] = [];
  for (const stage of stages) {
    const acceptance = await considerStage(session, stage);
    if (targets.length === 0 && isUntouched(acceptance)) continue;
    if (force || acceptance.blocking.length === 0) await refuseMissing(session, acceptance);
    acceptances.push(acceptance);
  }
  return { session, acceptances };
}

async function accept({ session, acceptances }: Considered, dryRun: boolean) {
  const added: AddedPath[] = [];
  const unchanged: string[] = [];
  const changed = acceptances.filter(({ reasons }) => reasons.length > 0);
  const stages = changed.map(({ stage }) => stage.name);
  const changedFiles = new Set<string>();
  try {
    for (const acceptance of acceptances) {
      const written = dryRun ? null : await acceptStage(session, acceptance, changedFiles);
      const paths = pathsOf(acceptance, written);
      added.push(...paths.added);
      unchanged.push(...paths.unchanged);
      if (written === null || acceptance.reasons.length === 0) continue;
      await session.project.updateLockfile((current) => ({
        ...current,
        stages: { ...current.stages, [acceptance.stage.name]: written },
      }));
      changedFiles.add(LOCKFILE);
    }
    if (!dryRun) await forgetRemovedStages(session);
  } finally {
    if (!dryRun) session.files.save();
  }
  return { added, unchanged, changedFiles: [...changedFiles, ...session.changedFiles], stages };
}
