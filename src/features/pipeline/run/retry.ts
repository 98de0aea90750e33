import type { Stage } from '../../../core/stage.ts';
import { runStage, type StageEnd } from './run-stage.ts';
import type { Session } from '../session.ts';
import { takeSnapshot } from '../decision/snapshot.ts';

/** Runs a stage, and again after a failure, as often as it says; before each retry its previous outputs are back in place. */
export async function runWithRetries(session: Session, stage: Stage): Promise<StageEnd> {
  const { signal, report } = session.project;
  for (let left = stage.retries; ; left--) {
    // What came before, a try or a restore that failed half-way, may have replaced outputs.
    const end = await runStage(session, stage, await takeSnapshot(stage, session.files));
    // With inputs that changed meanwhile it is another question, which the next `repro` asks.
    const isFinal = end.type === 'done' || signal.aborted || end.reasons.length > 0 || left === 0;
    if (isFinal) return end;
    const message = `${end.error.message} Trying it again, ${left === 1 ? 'for the last time' : `${left} times at most`}.`;
    report({ type: 'warning', message, hint: null });
  }
}
