import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { systemCode } from '../../core/errors.ts';
import { fileError } from '../../system/file-error.ts';
import { digestOf, DigestStream, READ_BUFFER, readAll } from '../../system/hash.ts';
import { linkFile, type LinkType } from '../../system/link-file.ts';
import { writeAll } from '../../system/write-file.ts';
import { digestOfFile, openObject, type Unusable } from './read-object.ts';

/** How the workspace gets its files, and where unfinished ones of them lie. */
export interface CacheOptions {
  readonly link: readonly LinkType[];
  readonly tmp: string;
  /** Objects of fewer bytes go into packs, many at a time; 0: none do. */
  readonly packBelow?: number;
  /** How many threads may read and hash. */
  readonly threads?: number;
  /** Told how many small packs there are when they have become too many. */
  readonly onManyPacks?: (count: number) => void;
}

/** Where an object goes. */
export interface Place {
  readonly target: string;
  readonly executable: boolean;
  /** Whether what is at the target makes way. */
  readonly replaces: boolean;
}

interface Wanted extends Place {
  readonly digest: Digest;
  /** Where the object is. */
  readonly path: string;
}

/** `exists`: something is at the target that nobody wants to be replaced. */
export type NotDone = Unusable | 'exists';

const SMALLEST_CLONE = 256 * 1024;
const cannotClone = new Set<string>();

/** Puts an object's bytes at a path of the workspace, in the first way that is allowed and possible. */
export function checkOut(wanted: Wanted, { link, tmp }: CacheOptions): Stats | NotDone {
  let source: number | undefined;
  let bytes = 0;
  try {
    source = openObject(wanted.path);
    if (source === undefined) return 'gone';
    const { size } = fstatSync(source);
    bytes = size;
    for (const type of link) {
      if (type === 'copy') break;
      if (type === 'reflink' && (size < SMALLEST_CLONE || cannotClone.has(tmp))) continue;
      // Names that share their bytes share their permissions: objects are not executable.
      if (type !== 'reflink' && wanted.executable) continue;
      const done = linkOut(type, wanted, tmp);
      if (done !== undefined) return done;
    }
    return size < READ_BUFFER.length ? copySmall(source, size, wanted, tmp) : copyLarge(source, wanted, tmp);
  } catch (error) {
    throw fileError(error, `write ${wanted.target}`, { bytes });
  } finally {
    if (source !== undefined) closeSync(source);
  }
}

/** Puts the verified bytes of a small object at a path of the workspace. */
export function checkOutBytes(bytes: Uint8Array, place: Place, { tmp }: CacheOptions): Stats | NotDone {
  try {
    return putSmall(bytes, place, tmp);
  } catch (error) {
    throw fileError(error, `write ${place.target}`, { bytes: bytes.length });
  }
}

function linkOut(type: 'reflink' | 'hardlink' | 'symlink', wanted: Wanted, tmp: string): Stats | NotDone | undefined {
  const temporary = nameIn(tmp);
  if (!linkFile(type, wanted.path, temporary)) {
    if (type === 'reflink') cannotClone.add(tmp);
    return undefined;
  }
  try {
    // A clone is verified itself: what it was made from may have been replaced since.
    if (digestOfFile(temporary) !== wanted.digest) return 'damaged';
    if (type === 'reflink') chmodSync(temporary, finalMode(wanted));
    return giveName(temporary, wanted);
  } catch (error) {
    if (systemCode(error) === 'EXDEV') return undefined;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function copySmall(source: number, size: number, wanted: Wanted, tmp: string): Stats | NotDone {
  let read = 0;
  for (let got = -1; got !== 0 && read < size; read += got)
    got = readSync(source, READ_BUFFER, read, size - read, null);
  const bytes = READ_BUFFER.subarray(0, read);
  return digestOf(bytes) === wanted.digest ? putSmall(bytes, wanted, tmp) : 'damaged';
}

/** A new file is created in place: a name and a rename less. A part of it is a prefix of the wanted bytes. */
function putSmall(bytes: Uint8Array, wanted: Place, tmp: string): Stats | NotDone {
  try {
    return writeTarget(wanted.target, bytes, wanted);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    if (!wanted.replaces) return 'exists';
  }
  return replace(wanted, tmp, (temporary) => void writeTarget(temporary, bytes, wanted));
}

function copyLarge(source: number, wanted: Wanted, tmp: string): Stats | NotDone {
  return replace(wanted, tmp, (temporary) => {
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
  });
}

/** Makes a file beside the workspace and gives it its name when it is whole. */
function replace(wanted: Place, tmp: string, make: (temporary: string) => 'damaged' | void): Stats | NotDone {
  const folder = dirname(wanted.target);
  const temporary = isSameDevice(tmp, folder) ? nameIn(tmp) : join(folder, `.mlops-${randomUUID()}.tmp`);
  try {
    return make(temporary) === 'damaged' ? 'damaged' : giveName(temporary, wanted);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function giveName(temporary: string, wanted: Place): Stats | 'exists' {
  if (!wanted.replaces && lstatSync(wanted.target, { throwIfNoEntry: false }) !== undefined) return 'exists';
  renameSync(temporary, wanted.target);
  return lstatSync(wanted.target);
}

function isSameDevice(a: string, b: string): boolean {
  mkdirSync(a, { recursive: true });
  return statSync(a).dev === statSync(b).dev;
}

function writeTarget(path: string, bytes: Uint8Array, wanted: Place): Stats {
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
function createMode({ executable }: Place): number {
  return executable ? 0o777 : 0o666;
}

function finalMode(wanted: Place): number {
  return createMode(wanted) & ~process.umask();
}

function nameIn(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return join(folder, `${process.pid}.${randomUUID()}`);
}
