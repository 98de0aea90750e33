import type { Digest } from '../../core/digest.ts';
import type { StaleReason } from '../../core/run.ts';
import type { Project } from '../../project/project.ts';
import { type DataRow, dataStatus } from '../data/status.ts';
import { untrackedFiles } from '../data/untracked.ts';
import type { PlannedStage } from './decision/plan.ts';
import { PLAIN_REPRO } from './request.ts';
import { matchTarget } from './targets.ts';

/** How a stage stands: below a stale one it may be stale, which is known when that one has run. */
export type StageState = 'up-to-date' | 'stale' | 'may-be-stale' | 'frozen';

/** A stage and why it is not up to date. */
export interface StageRow {
  readonly stage: string;
  readonly state: StageState;
  readonly reasons: readonly StaleReason[];
}

/** What a remote lacks of what the lockfile names. */
export interface RemoteStatus {
  readonly name: string;
  readonly missing: readonly { readonly path: string; readonly digest: Digest; readonly size: number }[];
}

/** The document of `status`. */
export interface StatusResult {
  readonly clean: boolean;
  readonly data: readonly DataRow[];
  readonly stages: readonly StageRow[];
  readonly remote: RemoteStatus | null;
  /** What neither Git nor the lockfile has; null when nobody asked. */
  readonly untracked: readonly string[] | null;
}

/** What `status` was asked. `remote` looks at a remote; without it nothing is said of any. */
export interface StatusRequest {
  readonly targets: readonly string[];
  readonly granular?: boolean;
  readonly untracked?: boolean;
  readonly remote?: (() => Promise<RemoteStatus>) | null;
}

/** How the workspace differs from the lockfile, and what the next `repro` would do about it. What was never pulled is no change. */
export async function statusOf(project: Project, request: StatusRequest): Promise<StatusResult> {
  const data = await dataStatus(project, request.targets, { granular: request.granular ?? false });
  const stages = (await planTargets(project, request.targets)).map(toRow);
  const remote = (await request.remote?.()) ?? null;
  const clean =
    data.every(({ state }) => state === 'unchanged' || state === 'absent') &&
    stages.every(({ state }) => state === 'up-to-date' || state === 'frozen') &&
    (remote === null || remote.missing.length === 0);
  const untracked = request.untracked === true ? await untrackedFiles(project) : null;
  return { clean, data, stages, remote, untracked };
}

/** Targets of `status` may be tracked data too, which is no stage's. */
async function planTargets(project: Project, targets: readonly string[]): Promise<PlannedStage[]> {
  const { stages } = await project.pipeline();
  if (stages.length === 0) return [];
  const chosen = targets.filter((target) => matchTarget(stages, target, project).length > 0);
  if (targets.length > 0 && chosen.length === 0) return [];
  // Most of what follows is only needed where there are stages.
  const [{ openSession }, { planStages }] = await Promise.all([
    import('./open-session.ts'),
    import('./decision/plan.ts'),
  ]);
  const { session, stages: ordered } = await openSession(project, { ...PLAIN_REPRO, targets: chosen, dryRun: true });
  return planStages(session, ordered);
}

function toRow({ stage, outcome, reasons, certain }: PlannedStage): StageRow {
  const settled = outcome === 'up-to-date' || outcome === 'frozen';
  return { stage: stage.name, state: settled ? outcome : certain ? 'stale' : 'may-be-stale', reasons };
}
