import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { systemCode } from '../../core/errors.ts';
import { fileError } from '../../system/file-error.ts';
import { DigestStream, readAll } from '../../system/hash.ts';
import { linkFile, type LinkType } from '../../system/link-file.ts';
import { writeAll } from '../../system/write-file.ts';
import { digestOfFile, readVerified, type Unusable } from './read-object.ts';

/** How the workspace gets its files, and where unfinished ones of them lie. */
export interface CacheOptions {
  readonly link: readonly LinkType[];
  readonly tmp: string;
}

interface Wanted {
  /** Where the object is. */
  readonly path: string;
  readonly digest: Digest;
  readonly target: string;
  readonly executable: boolean;
}

// Up to here a new file is created in place: a name and a rename less. A part of it is a prefix of the wanted bytes.
const SMALL = 1024 * 1024;
const SMALLEST_CLONE = 256 * 1024;
const cannotClone = new Set<string>();

/** Puts an object's bytes at a path of the workspace, in the first way that is allowed and possible. */
export function checkOut(wanted: Wanted, { link, tmp }: CacheOptions): Stats | Unusable {
  const stat = lstatSync(wanted.path, { throwIfNoEntry: false });
  if (stat === undefined) return 'gone';
  try {
    for (const type of link) {
      if (type === 'copy') break;
      if (type === 'reflink' && (stat.size < SMALLEST_CLONE || cannotClone.has(dirname(wanted.target)))) continue;
      // Names that share their bytes share their permissions: objects are not executable.
      if (type === 'hardlink' && wanted.executable) continue;
      const done = linkOut(type, wanted, tmp);
      if (done !== undefined) return done;
    }
    return stat.size <= SMALL ? copySmall(wanted, tmp) : copyLarge(wanted, tmp);
  } catch (error) {
    throw fileError(error, `write ${wanted.target}`, { bytes: stat.size });
  }
}

function linkOut(type: 'reflink' | 'hardlink' | 'symlink', wanted: Wanted, tmp: string): Stats | Unusable | undefined {
  const temporary = nameIn(tmp);
  if (!linkFile(type, wanted.path, temporary)) {
    if (type === 'reflink') cannotClone.add(dirname(wanted.target));
    return undefined;
  }
  try {
    // A clone is verified itself: what it was made from may have been replaced since.
    if (digestOfFile(temporary) !== wanted.digest) return 'damaged';
    if (type === 'reflink') chmodSync(temporary, modeOf(wanted));
    try {
      renameSync(temporary, wanted.target);
    } catch (error) {
      if (systemCode(error) === 'EXDEV') return undefined;
      throw error;
    }
    return lstatSync(wanted.target);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function copySmall(wanted: Wanted, tmp: string): Stats | Unusable {
  const bytes = readVerified(wanted.path, wanted.digest);
  if (typeof bytes === 'string') return bytes;
  try {
    return writeNew(wanted.target, bytes, wanted);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  return replace(wanted, tmp, (temporary) => void writeNew(temporary, bytes, wanted));
}

function copyLarge(wanted: Wanted, tmp: string): Stats | Unusable {
  return replace(wanted, tmp, (temporary) => {
    const source = openSync(wanted.path, 'r');
    try {
      const target = openSync(temporary, 'wx', createMode(wanted));
      try {
        const stream = new DigestStream();
        readAll(source, (bytes) => {
          writeAll(target, bytes);
          stream.update(bytes);
        });
        return stream.digest() === wanted.digest ? undefined : 'damaged';
      } finally {
        closeSync(target);
      }
    } finally {
      closeSync(source);
    }
  });
}

/** Makes a file beside the workspace and gives it its name when it is whole. */
function replace(wanted: Wanted, tmp: string, make: (temporary: string) => 'damaged' | void): Stats | Unusable {
  for (const folder of [tmp, dirname(wanted.target)]) {
    const temporary = nameIn(folder);
    try {
      if (make(temporary) === 'damaged') return 'damaged';
      renameSync(temporary, wanted.target);
      return lstatSync(wanted.target);
    } catch (error) {
      // Another file system: once more, beside the target.
      if (systemCode(error) !== 'EXDEV' || folder !== tmp) throw error;
    } finally {
      rmSync(temporary, { force: true });
    }
  }
  return 'gone';
}

function writeNew(path: string, bytes: Uint8Array, wanted: Wanted): Stats {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  const fd = openSync(path, flags, createMode(wanted));
  let done = false;
  try {
    writeAll(fd, bytes);
    done = true;
    return fstatSync(fd);
  } finally {
    closeSync(fd);
    if (!done) rmSync(path, { force: true });
  }
}

/** The system takes away what the user's mask does not allow. */
function createMode({ executable }: Wanted): number {
  return executable ? 0o777 : 0o666;
}

function modeOf(wanted: Wanted): number {
  return createMode(wanted) & ~process.umask();
}

function nameIn(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return join(folder, `.mlops-${process.pid}.${randomUUID()}`);
}
