import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { systemCode } from '../../core/errors.ts';
import { isMissing } from '../../system/file-error.ts';
import { makeFolder } from '../../system/make-folder.ts';

/**
 * Removes a file of the cache unless somebody wants it. It loses its name first, for one in `leaving/`: then nobody can put a
 * new date on it unseen, and it is looked at once more. Whoever misses it meanwhile, or after this process was killed, takes it
 * back from there. False when it stayed, or was gone.
 */
export function removeUnlessWanted(
  cache: string,
  path: string,
  name: string,
  isWanted: (modified: number) => boolean,
  beforeItIsGone: () => void = () => undefined,
): boolean {
  const leaving = placeOf(cache, name);
  makeFolder(join(cache, 'leaving'));
  try {
    renameSync(path, leaving);
    if (isWanted(modifiedOf(leaving))) {
      bringBack(cache, name, path);
      return false;
    }
    beforeItIsGone();
    rmSync(leaving);
    return true;
  } catch (error) {
    // Somebody else removed it, or took it back.
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Gives a file that was about to be removed its name again. False when there is none. */
export function bringBack(cache: string, name: string, path: string): boolean {
  const leaving = placeOf(cache, name);
  if (statSync(leaving, { throwIfNoEntry: false }) === undefined) return false;
  try {
    giveName(cache, leaving, path);
    rmSync(leaving, { force: true });
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    // Whose cache is only for reading cannot be helped; it is theirs who may write.
    if (['EACCES', 'EPERM', 'EROFS'].includes(systemCode(error) ?? '')) return false;
    throw error;
  }
}

/** The names of all files that were about to be removed. */
export function leavingNames(cache: string): string[] {
  try {
    return readdirSync(join(cache, 'leaving'));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** A link never takes the place of a file that somebody has put anew, whose date is of today. */
function giveName(cache: string, leaving: string, path: string): void {
  try {
    linkSync(leaving, path);
    return;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(systemCode(error) ?? '')) throw error;
  }
  // Another user's file, or a file system without links: a copy has today's date itself.
  const temporary = join(cache, 'tmp', `${process.pid}.${randomUUID()}`);
  makeFolder(join(cache, 'tmp'));
  copyFileSync(leaving, temporary, constants.COPYFILE_EXCL);
  const fd = openSync(temporary, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
}

/** Opening a file asks a network file system for its times as they are. */
function modifiedOf(path: string): number {
  const fd = openSync(path, 'r');
  try {
    return fstatSync(fd).mtimeMs;
  } finally {
    closeSync(fd);
  }
}

function placeOf(cache: string, name: string): string {
  return join(cache, 'leaving', name);
}
