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

/** What travels at once: one object, or those of a pack. */
export interface Parcel {
  readonly objects: readonly PlannedObject[];
}

/** An object of a parcel that could not be moved. */
export interface LostObject {
  readonly object: PlannedObject;
  readonly error: MlopsError;
}

/** What became of a parcel: those that were moved, with how many bytes; those that failed; the others were there already. */
export interface Moved {
  readonly moved: readonly PlannedObject[];
  readonly bytes: number;
  readonly lost: readonly LostObject[];
}

/** Moves one parcel. `count` is told of bytes on their way. What it throws concerns all of its objects. */
export type MoveParcel<P extends Parcel> = (parcel: P, count: (bytes: number) => void) => Promise<Moved>;

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

/** Moves what it can, a few objects at once, and tells what failed by path. */
export async function moveObjects(
  objects: readonly PlannedObject[],
  move: Move,
  tally: Tally,
  options: LoopOptions,
): Promise<void> {
  const parcels = objects.map((object) => ({ objects: [object] }));
  const moveOne: MoveParcel<Parcel> = async ({ objects: [object] }, count) => {
    const bytes = object === undefined ? null : await move(object, count);
    return { moved: object === undefined || bytes === null ? [] : [object], bytes: bytes ?? 0, lost: [] };
  };
  for (const { object, error } of await moveParcels(parcels, moveOne, tally, options)) fail(object, tally, error);
}

/** Moves what it can, a few parcels at once. Returns what failed, without telling it. */
export async function moveParcels<P extends Parcel>(
  parcels: readonly P[],
  move: MoveParcel<P>,
  tally: Tally,
  { phase, jobs, report, signal }: LoopOptions,
): Promise<LostObject[]> {
  const progress = new TransferProgress(
    phase,
    parcels.flatMap(({ objects }) => objects),
    report,
  );
  const lost: LostObject[] = [];
  let refusals = 0;

  progress.tell();
  await mapConcurrent(parcels, jobs, async (parcel) => {
    if (signal.aborted) throw interruption(signal.reason);
    if (refusals >= ENOUGH && tally.unavailable !== null) return loseAll(parcel, tally.unavailable);
    let underway = 0;
    const count = (bytes: number) => {
      underway += bytes;
      progress.count(bytes);
    };
    try {
      const done = await move(parcel, count);
      refusals = 0;
      progress.count(done.bytes - underway);
      progress.finish(parcel.objects.length);
      tally.objects += done.moved.length;
      tally.bytes += done.bytes;
      for (const { digest, paths } of done.moved) {
        tally.moved.push(digest);
        for (const path of paths) tally.paths.push(path);
      }
      for (const one of done.lost) lost.push(one);
    } catch (error) {
      if (signal.aborted) throw interruption(signal.reason);
      if (!(error instanceof MlopsError) || !OF_ONE_OBJECT.has(error.kind)) throw error;
      if (error.kind === 'remote-unavailable') {
        refusals += 1;
        tally.unavailable ??= error;
      }
      progress.count(-underway);
      loseAll(parcel, error);
    }
  });
  progress.tell();
  return lost;

  function loseAll({ objects }: P, error: MlopsError): void {
    for (const object of objects) lost.push({ object, error });
  }
}

/** Tells that an object failed, by each path that needs it. */
export function fail({ paths, digest }: PlannedObject, { failed }: Tally, { message }: MlopsError): void {
  for (const path of paths) failed.push({ path, digest, reason: message });
}

/** Nothing moved and a remote refused: then the transfer as a whole has failed, and says so. */
export function throwIfRefused(tally: Tally): void {
  if (tally.objects === 0 && tally.unavailable !== null) throw tally.unavailable;
}
