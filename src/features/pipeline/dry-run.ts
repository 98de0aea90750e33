import type { StageResult } from '../../core/run.ts';
import type { Stage } from '../../core/stage.ts';
import { type PlannedStage, planStages } from './decision/plan.ts';
import { failureOf, type ReproResult } from './request.ts';
import type { Session } from './session.ts';

/** What a run would do, without doing any of it; where it would stop for certain, with the same failures. */
export async function dryRun(session: Session, stages: readonly Stage[]): Promise<ReproResult> {
  const planned = stopAtFailure(session, await planStages(session, stages));
  const results = planned.map(({ stage, outcome, reasons }): StageResult => {
    return { stage: stage.name, outcome, reasons, milliseconds: 0, exitCode: null };
  });
  const failures = planned.flatMap(({ stage, error }) => (error === null ? [] : [failureOf(stage, error)]));
  return { run: null, stages: results, failures, changedFiles: [] };
}

/** As a run does: after a failure nothing begins, unless it was asked to go on. Of stages at once, nobody knows which had begun. */
function stopAtFailure({ request, project }: Session, planned: readonly PlannedStage[]): readonly PlannedStage[] {
  const first = planned.findIndex(({ error }) => error !== null);
  const isInTurn = (request.jobs ?? project.config.jobs) === 1;
  if (first < 0 || request.keepGoing || request.ignoreErrors || !isInTurn) return planned;
  const after = planned.slice(first + 1).map((stage) => ({ ...stage, outcome: 'blocked' as const, error: null }));
  return [...planned.slice(0, first + 1), ...after];
}
