import { randomUUID } from 'node:crypto';
import { chmodSync, closeSync, fchmodSync, fstatSync, openSync, rmSync, type Stats } from 'node:fs';
import { dirname, sep } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { fileError } from '../../system/file-error.ts';
import { changedWhileRead, digestOf, isSameFile, READ_BUFFER, readSmall, type ReadSteps } from '../../system/hash.ts';
import { type ReadBytes, readAndHash } from '../../system/threads/hash-beside.ts';
import { linkFile } from '../../system/link-file.ts';
import { sweepUnfinished } from '../../system/sweep-unfinished.ts';
import { writeAll } from '../../system/write-file.ts';
import { isShared, makeFolder } from '../../system/make-folder.ts';

/** A file as it was read; no copy when the cache has its bytes already. */
export interface Copied {
  readonly digest: Digest;
  readonly size: number;
  readonly stat: Stats;
  readonly temporary: string | null;
}

interface Read extends Pick<Copied, 'digest' | 'size' | 'temporary'> {
  /** Whether nobody has looked for it in the cache yet. */
  readonly isNew: boolean;
}

// Below this a clone saves nothing: the file system shares whole blocks only.
const SMALLEST_CLONE = 256 * 1024;

/** What becomes of the bytes that were read. */
export interface Keeper {
  isThere(digest: Digest, size: number): boolean;
  /** Takes the bytes of a small object, which are used again afterwards; false when they are to get a file. */
  takeSmall(digest: Digest, bytes: Uint8Array): boolean;
}

/** Objects in the making, in a folder of their own. Their names begin with the process that makes them. */
export class Unfinished {
  readonly #folder: string;
  readonly #prefix = `${process.pid}.${randomUUID()}`;
  #count = 0;
  #ready = false;
  #isShared = false;
  #mayClone: boolean;
  readonly #threads: number;

  readonly #alsoSwept: string;

  constructor(folder: string, alsoSwept: string, { mayClone = false, threads = 1 } = {}) {
    this.#threads = threads;
    this.#mayClone = mayClone;
    this.#folder = folder;
    this.#alsoSwept = alsoSwept;
  }

  write(bytes: Uint8Array): string {
    const [path, fd] = this.create();
    try {
      writeAll(fd, bytes);
    } catch (error) {
      this.drop(path);
      throw error;
    } finally {
      closeSync(fd);
    }
    return path;
  }

  drop(path: string): void {
    rmSync(path, { force: true });
  }

  /** Reads a file once for both its digest and its copy. One that is not what was seen, or changes meanwhile, is read again, once. */
  *copy(path: string, seen: Stats | undefined, keeper: Keeper): ReadSteps<Copied> {
    for (const before of [seen, undefined]) {
      const copied = yield* this.#copyOnce(path, before, keeper);
      if (copied !== undefined) return copied;
    }
    throw changedWhileRead(path);
  }

  *#copyOnce(path: string, seen: Stats | undefined, keeper: Keeper): ReadSteps<Copied | undefined> {
    let source: number | undefined;
    let temporary: string | null = null;
    let result: Copied | undefined;
    try {
      source = openSync(path, 'r');
      const before = seen ?? fstatSync(source);
      const read =
        before.size < READ_BUFFER.length
          ? this.#copySmall(source, before.size, keeper)
          : yield* this.#copyLarge(path, source, before.size, before.size >= SMALLEST_CLONE);
      if (read === undefined) return undefined;
      temporary = read.temporary;
      if (!read.isNew) yield { files: 0, bytes: read.size };
      const stat = fstatSync(source);
      if (read.size === stat.size && isSameFile(before, stat)) result = { ...read, stat };
      if (result?.temporary != null && read.isNew && keeper.isThere(read.digest, read.size)) {
        this.drop(result.temporary);
        result = { ...result, temporary: null };
      }
      return result;
    } catch (error) {
      result = undefined;
      throw fileError(error, `read ${path}`);
    } finally {
      if (source !== undefined) closeSync(source);
      if (result === undefined && temporary !== null) this.drop(temporary);
    }
  }

  #copySmall(source: number, expected: number, keeper: Keeper): Read {
    const bytes = readSmall(source, expected);
    const size = bytes.length;
    const digest = digestOf(bytes);
    const isKept = keeper.isThere(digest, size) || this.guard(() => keeper.takeSmall(digest, bytes), size);
    const temporary = isKept ? null : this.guard(() => this.write(bytes), size);
    return { digest, size, temporary, isNew: false };
  }

  *#copyLarge(path: string, source: number, expected: number, mayClone: boolean): ReadSteps<Read | undefined> {
    const clone = mayClone && this.#mayClone ? this.#clone(path) : undefined;
    const [temporary, fd] =
      clone === undefined ? this.guard(() => this.create(), expected) : [clone, openSync(clone, 'r')];
    let read: ReadBytes | undefined;
    try {
      read = yield* readAndHash(clone === undefined ? source : fd, expected, this.#threads, (bytes) => {
        if (clone === undefined) this.guard(() => writeAll(fd, bytes), expected);
      });
      return read && { ...read, temporary, isNew: true };
    } finally {
      closeSync(fd);
      // It failed, or nobody asked for the next step.
      if (read === undefined) this.drop(temporary);
    }
  }

  #clone(path: string): string | undefined {
    const target = this.#nextName();
    if (linkFile('reflink', path, target)) {
      chmodSync(target, 0o444);
      return target;
    }
    this.#mayClone = false;
    return undefined;
  }

  open(): { readonly path: string; readonly fd: number } {
    const [path, fd] = this.guard(() => this.create());
    return { path, fd };
  }

  /** A new, empty file. */
  create(): [path: string, fd: number] {
    const path = this.#nextName();
    const fd = openSync(path, 'wx', 0o444);
    if (this.#isShared) fchmodSync(fd, 0o444);
    return [path, fd];
  }

  #nextName(): string {
    if (!this.#ready) {
      makeFolder(this.#folder);
      for (const tmp of [this.#folder, this.#alsoSwept]) sweepUnfinished(tmp, Date.now());
      this.#isShared = isShared(this.#folder);
      this.#ready = true;
    }
    return `${this.#folder}${sep}${this.#prefix}.${this.#count++}`;
  }

  /** A failure to write is told as one of the cache. */
  guard<T>(work: () => T, bytes?: number): T {
    try {
      return work();
    } catch (error) {
      throw fileError(
        error,
        `write to the cache in ${dirname(dirname(this.#folder))}`,
        bytes === undefined ? {} : { bytes },
      );
    }
  }
}
