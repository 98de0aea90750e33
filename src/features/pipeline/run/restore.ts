import type { LockedPath, LockedStage } from '../../../core/lockfile.ts';
import { MlopsError } from '../../../core/errors.ts';
import type { Stage } from '../../../core/stage.ts';
import { sameContent, type Snapshot } from '../decision/decide.ts';
import { fingerprintOf, isCacheable } from '../decision/fingerprint.ts';
import { protectOutputs } from './protect.ts';
import { findRuns } from './run-cache.ts';
import { lockedStage, type Session } from '../session.ts';
import { snapshotOfLocked, takeSnapshot } from '../decision/snapshot.ts';

/**
 * The run to restore a stage from: the one that the lockfile names, else the newest, whose outputs the cache still has, undamaged.
 * With `--pull` the first, taken for what a remote has, where the cache has none.
 */
export function findRestorable(session: Session, stage: Stage, now: Snapshot): LockedStage | undefined {
  const records = recordsOf(session, stage, now);
  const held = records.find(({ outputs }) =>
    Object.entries(outputs).every(([path, output]) => isPresent(now, path, output) || session.files.holdsSound(output)),
  );
  return held ?? (session.request.pull === null ? undefined : records[0]);
}

/** Puts the outputs of an earlier run from the same inputs in place. Undefined when there is none. */
export async function restoreOutputs(session: Session, stage: Stage, now: Snapshot): Promise<LockedStage | undefined> {
  if (!isCacheable(now)) return undefined;
  for (const record of recordsOf(session, stage, now)) {
    if (isHeld(session, record) && (await putInPlace(session, stage, record))) return record;
  }
  const pulled = await pullRecord(session, stage, now);
  return pulled !== undefined && (await putInPlace(session, stage, pulled)) ? pulled : undefined;
}

/** False when an object was damaged: it is in quarantine now, and another run, or running the stage, makes it anew. */
async function putInPlace(session: Session, stage: Stage, record: LockedStage): Promise<boolean> {
  // An earlier try may have replaced outputs before it failed.
  const now = await takeSnapshot(stage, session.files);
  await protectOutputs(session, stage, now);
  try {
    for (const [path, output] of Object.entries(record.outputs)) {
      if (!isPresent(now, path, output)) await session.files.checkout(path, output);
    }
    return true;
  } catch (error) {
    if (error instanceof MlopsError && (error.kind === 'damaged' || error.kind === 'data-missing')) return false;
    throw error;
  }
}

function isPresent({ outputs }: Snapshot, path: string, output: LockedPath): boolean {
  const present = Object.hasOwn(outputs, path) ? (outputs[path]?.content ?? null) : null;
  return present !== null && sameContent(present, output);
}

function recordsOf(session: Session, stage: Stage, now: Snapshot): LockedStage[] {
  const fingerprint = fingerprintOf(now);
  if (fingerprint === undefined) return [];
  const locked = lockedStage(session.lockfile, stage);
  const fits = locked !== undefined && fingerprintOf(snapshotOfLocked(locked)) === fingerprint;
  return [...(fits ? [locked] : []), ...findRuns(session.project, now)];
}

async function pullRecord(session: Session, stage: Stage, now: Snapshot): Promise<LockedStage | undefined> {
  const { pull } = session.request;
  if (pull === null) return undefined;
  const [record] = recordsOf(session, stage, now);
  if (record === undefined) return undefined;
  await session.inTurn(() => pull(new Map(Object.entries(record.outputs))));
  return isHeld(session, record) ? record : undefined;
}

function isHeld({ files }: Session, { outputs }: LockedStage): boolean {
  return Object.values(outputs).every((output) => files.holds(output));
}
