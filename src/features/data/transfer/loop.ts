import { type ErrorKind, interruption, MlopsError } from '../../../core/errors.ts';
import type { Digest } from '../../../core/digest.ts';
import type { Report } from '../../../core/event.ts';
import { mapConcurrent } from '../../../system/map-concurrent.ts';
import type { PlannedObject } from './plan.ts';
import { TransferProgress } from './progress.ts';

/** A path whose object could not be moved, and why. */
export interface TransferFailure {
  readonly path: string;
  readonly digest: Digest;
  readonly reason: string;
}

/** What one transfer has done so far, over all its remotes and steps. */
export interface Tally {
  objects: number;
  bytes: number;
  alreadyThere: number;
  /** What was moved, by every path that needs it. */
  readonly paths: string[];
  readonly moved: Digest[];
  /** Requests that a dry run leaves to the real one. */
  unsent: number;
  readonly failed: TransferFailure[];
  /** Why a remote as a whole was of no use. */
  unavailable: MlopsError | null;
}

/** Nothing done yet. */
export function newTally(): Tally {
  return { objects: 0, bytes: 0, alreadyThere: 0, paths: [], moved: [], unsent: 0, failed: [], unavailable: null };
}

/**
 * Moves one object and says how many bytes that were; null when it turned out to be there already. `count` is told of
 * bytes on their way.
 */
export type Move = (object: PlannedObject, count: (bytes: number) => void) => Promise<number | null>;

interface LoopOptions {
  readonly phase: 'push' | 'fetch';
  readonly jobs: number;
  readonly report: Report;
  readonly signal: AbortSignal;
}

// So many refusals in a row, with nothing that went well in between, and a remote is given up.
const ENOUGH = 20;
/** Failures of one object that leave the others alone. Any other ends the whole transfer. */
const OF_ONE_OBJECT: ReadonlySet<ErrorKind> = new Set(['data-missing', 'damaged', 'remote-unavailable', 'failed']);

/** Moves what it can, a few at once, and tells what failed by path. */
export async function moveObjects(
  objects: readonly PlannedObject[],
  move: Move,
  tally: Tally,
  { phase, jobs, report, signal }: LoopOptions,
): Promise<void> {
  const progress = new TransferProgress(phase, objects, report);
  let refusals = 0;

  progress.tell();
  await mapConcurrent(objects, jobs, async (object) => {
    if (signal.aborted) throw interruption(signal.reason);
    if (refusals >= ENOUGH) return fail(object, tally, tally.unavailable);
    let underway = 0;
    const count = (bytes: number) => {
      underway += bytes;
      progress.count(bytes);
    };
    try {
      const bytes = await move(object, count);
      refusals = 0;
      progress.count((bytes ?? 0) - underway);
      progress.finish();
      if (bytes === null) return;
      tally.objects += 1;
      tally.bytes += bytes;
      tally.moved.push(object.digest);
      for (const path of object.paths) tally.paths.push(path);
    } catch (error) {
      if (signal.aborted) throw interruption(signal.reason);
      if (!(error instanceof MlopsError) || !OF_ONE_OBJECT.has(error.kind)) throw error;
      if (error.kind === 'remote-unavailable') {
        refusals += 1;
        tally.unavailable ??= error;
      }
      progress.count(-underway);
      fail(object, tally, error);
    }
  });
  progress.tell();
}

function fail({ paths, digest }: PlannedObject, { failed }: Tally, error: MlopsError | null): void {
  for (const path of paths) failed.push({ path, digest, reason: error?.message ?? 'The remote was given up.' });
}

/** Nothing moved and a remote refused: then the transfer as a whole has failed, and says so. */
export function throwIfRefused(tally: Tally): void {
  if (tally.objects === 0 && tally.unavailable !== null) throw tally.unavailable;
}
