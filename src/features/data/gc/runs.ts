import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MlopsError } from '../../../core/errors.ts';
import { lockedPaths, type Lockfile } from '../../../core/lockfile.ts';
import type { Digest } from '../../../core/digest.ts';
import type { Project } from '../../../project/project.ts';
import { parseLockfile } from '../../../stores/documents/lockfile.ts';
import { isMissing } from '../../../system/file-error.ts';
import { readTextFile } from '../../../system/write-file.ts';

/** A record of the run cache: a lockfile of one stage. */
interface RunRecord {
  readonly file: string;
  readonly isYoung: boolean;
  readonly lockfile: Lockfile;
}

const DAY = 24 * 3600 * 1000;

/** Since when a run is young, in milliseconds since 1970: it may be wanted back at any moment. */
export function youngSince({ config, now }: Pick<Project, 'config' | 'now'>): number {
  return now().getTime() - config.cache.keepRuns * DAY;
}

/** Gives the lockfile of every record that is young enough to keep its outputs to `visit`. */
export function visitYoungRuns(runCache: string, since: number, visit: (lockfile: Lockfile) => void): void {
  for (const { isYoung, lockfile } of recordsIn(runCache, since)) if (isYoung) visit(lockfile);
}

/** Records keep nothing alive for ever: an old one goes with an output of its. */
export function dropRuns(runCache: string, since: number, isRemoved: (digest: Digest) => boolean): void {
  for (const { file, isYoung, lockfile } of recordsIn(runCache, since)) {
    const isBroken = [...lockedPaths(lockfile).values()].some(({ digest }) => isRemoved(digest));
    if (!isYoung && isBroken) rmSync(file, { force: true });
  }
}

function* recordsIn(runCache: string, since: number): Iterable<RunRecord> {
  for (const name of namesIn(runCache)) {
    if (!name.endsWith('.yaml')) continue;
    const file = join(runCache, name);
    const lockfile = readRecord(file);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (lockfile !== null && stat !== undefined) yield { file, isYoung: stat.mtimeMs > since, lockfile };
  }
}

/** One that is damaged is none. */
function readRecord(file: string): Lockfile | null {
  try {
    const text = readTextFile(file);
    return text === undefined ? null : parseLockfile(text, file);
  } catch (error) {
    if (error instanceof MlopsError && error.kind === 'invalid-file') return null;
    throw error;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
