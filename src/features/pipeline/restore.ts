import type { LockedStage } from '../../core/lockfile.ts';
import { MlopsError } from '../../core/errors.ts';
import type { Stage } from '../../core/stage.ts';
import { sameContent, type Snapshot } from './decide.ts';
import { fingerprintOf, isCacheable } from './fingerprint.ts';
import { protectOutputs } from './protect.ts';
import { findRuns } from './run-cache.ts';
import { lockedStage, type Session } from './session.ts';
import { snapshotOfLocked } from './snapshot.ts';

/** The run to restore a stage from: the one that the lockfile names, else the newest, whose outputs the cache still has. */
export function findRestorable(session: Session, stage: Stage, now: Snapshot): LockedStage | undefined {
  return recordsOf(session, stage, now).find((record) => isHeld(session, record));
}

/** Puts the outputs of an earlier run from the same inputs in place. Undefined when there is none; then nothing was touched. */
export async function restoreOutputs(session: Session, stage: Stage, now: Snapshot): Promise<LockedStage | undefined> {
  if (!isCacheable(now)) return undefined;
  const record = findRestorable(session, stage, now) ?? (await pullRecord(session, stage, now));
  if (record === undefined) return undefined;
  await protectOutputs(session, now);
  try {
    for (const [path, output] of Object.entries(record.outputs)) {
      const present = now.outputs[path]?.content ?? null;
      if (present === null || !sameContent(present, output)) await session.files.checkout(path, output);
    }
  } catch (error) {
    // The object was damaged and is in quarantine now: running the stage makes it anew.
    if (error instanceof MlopsError && (error.kind === 'damaged' || error.kind === 'data-missing')) return undefined;
    throw error;
  }
  return record;
}

function recordsOf(session: Session, stage: Stage, now: Snapshot): LockedStage[] {
  const fingerprint = fingerprintOf(now);
  if (fingerprint === undefined) return [];
  const locked = lockedStage(session.lockfile, stage);
  const fits = locked !== undefined && fingerprintOf(snapshotOfLocked(locked)) === fingerprint;
  return [...(fits ? [locked] : []), ...findRuns(session.project, now)];
}

async function pullRecord(session: Session, stage: Stage, now: Snapshot): Promise<LockedStage | undefined> {
  const [record] = recordsOf(session, stage, now);
  if (record === undefined || session.request.pull === null) return undefined;
  const { pull } = session.request;
  await session.inTurn(() => pull(new Map(Object.entries(record.outputs))));
  return isHeld(session, record) ? record : undefined;
}

function isHeld({ files }: Session, { outputs }: LockedStage): boolean {
  return Object.values(outputs).every((output) => files.holds(output));
}
