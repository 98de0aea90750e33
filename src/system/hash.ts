import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { type Digest, digestFromHex } from '../core/digest.ts';
import { MlopsError } from '../core/errors.ts';
import { fileError } from './file-error.ts';

/** A way to compute BLAKE3-256. */
export interface HashEngine {
  readonly name: 'native' | 'wasm';
  hexOf(bytes: Uint8Array): string;
  start(): HashStream;
}

interface HashStream {
  update(bytes: Uint8Array): void;
  hex(): string;
}

/** Loads one way to compute digests; undefined where this machine has no binary for it. */
export async function loadEngine(name: HashEngine['name']): Promise<HashEngine | undefined> {
  return name === 'native' ? loadNative() : loadWasm();
}

async function loadNative(): Promise<HashEngine | undefined> {
  try {
    const { Blake3Hasher } = await import('@napi-rs/blake-hash');
    // For small objects one that is used again takes half the time: no memory is asked for.
    const again = new Blake3Hasher();
    return {
      name: 'native',
      hexOf: (bytes) => {
        again.reset();
        return again.update(asBuffer(bytes)).digest('hex');
      },
      start: () => {
        const hasher = new Blake3Hasher();
        return { update: (bytes) => void hasher.update(asBuffer(bytes)), hex: () => hasher.digest('hex') };
      },
    };
  } catch {
    return undefined;
  }
}

/** The same bytes, not copied: releases of the native package before 1.3.6 take nothing else. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function loadWasm(): Promise<HashEngine> {
  const { createBLAKE3 } = await import('hash-wasm');
  const hasher = await createBLAKE3();
  return {
    name: 'wasm',
    hexOf: (bytes) => hasher.init().update(bytes).digest('hex'),
    start: () => {
      // One instance serves all streams: each keeps its own state between two calls.
      let state = hasher.init().save();
      return {
        update: (bytes) => {
          hasher.load(state).update(bytes);
          state = hasher.save();
        },
        hex: () => hasher.load(state).digest('hex'),
      };
    },
  };
}

const engine = (await loadEngine('native')) ?? (await loadWasm());

/** Which implementation computes digests in this process. */
export const HASH_ENGINE: HashEngine['name'] = engine.name;

/** The digest of bytes in memory; of a text, of its UTF-8 bytes. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return digestFromHex(engine.hexOf(typeof bytes === 'string' ? Buffer.from(bytes) : bytes));
}

/** The digest of bytes that come in pieces. */
export class DigestStream {
  readonly #stream = engine.start();

  update(bytes: Uint8Array): this {
    this.#stream.update(bytes);
    return this;
  }

  digest(): Digest {
    return digestFromHex(this.#stream.hex());
  }
}

/** Reads in one place: aligned to a page, since some processors read four times slower into other buffers. */
export const READ_BUFFER = Buffer.from(new WebAssembly.Memory({ initial: 8 }).buffer);

/** A file's digest and what it was while it was read. */
export interface FileDigest {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly stat: Stats;
}

/** Reading that can be stopped after each step, of so many bytes. */
export type ReadSteps<T> = Generator<{ readonly files: 0; readonly bytes: number }, T, void>;

/** The digest of a file. One that changes while it is read is read once more; if it changes again, that is an error. */
export function digestFile(path: string): FileDigest {
  return allAtOnce(digestFileInSteps(path));
}

/** The same in steps. `seen` is what the file was a moment ago: a look at it less. */
export function* digestFileInSteps(path: string, seen?: Stats): ReadSteps<FileDigest> {
  const read = (yield* readOnce(path, seen)) ?? (yield* readOnce(path));
  if (read !== undefined) return read;
  throw changedWhileRead(path);
}

/** Does work that comes in steps without a pause. */
export function allAtOnce<T>(steps: Generator<unknown, T, void>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The error for a file that does not hold still. */
export function changedWhileRead(path: string): MlopsError {
  return new MlopsError('failed', `${path} changes while it is read.`, {
    hint: 'Wait until whatever writes it is done, then run the same command again.',
  });
}

/** The bytes of an open file that seems to have so many, less than the buffer holds; they are good until the next reading. */
export function readSmall(fd: number, expected: number): Uint8Array {
  let size = 0;
  // Once it has its size, no second call is needed to be told that this is the end.
  for (let read = -1; read !== 0 && size < READ_BUFFER.length && size !== expected; size += read) {
    read = readSync(fd, READ_BUFFER, size, READ_BUFFER.length - size, null);
  }
  return READ_BUFFER.subarray(0, size);
}

/** Feeds all bytes of an open file to a function, in a buffer that is used again; returns how many there were. */
export function readAll(fd: number, take: (bytes: Uint8Array) => void): number {
  return allAtOnce(readInSteps(fd, take));
}

/** The same in steps. */
export function* readInSteps(fd: number, take: (bytes: Uint8Array) => void): ReadSteps<number> {
  let size = 0;
  for (;;) {
    const read = readSync(fd, READ_BUFFER, 0, READ_BUFFER.length, null);
    if (read === 0) return size;
    size += read;
    take(READ_BUFFER.subarray(0, read));
    yield { files: 0, bytes: read };
  }
}

/** Whether a file was left alone between two looks at it. */
export function isSameFile(before: Stats, after: Stats): boolean {
  return (
    before.size === after.size &&
    before.mtimeMs === after.mtimeMs &&
    before.ctimeMs === after.ctimeMs &&
    before.ino === after.ino
  );
}

function* readOnce(path: string, seen?: Stats): ReadSteps<FileDigest | undefined> {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const before = seen ?? fstatSync(fd);
    const { digest, size } = yield* digestOpenFile(fd, before.size);
    const stat = fstatSync(fd);
    return size === stat.size && isSameFile(before, stat) ? { digest, size, stat } : undefined;
  } catch (error) {
    throw fileError(error, `read ${path}`);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function* digestOpenFile(fd: number, expected: number): ReadSteps<{ digest: Digest; size: number }> {
  if (expected < READ_BUFFER.length) {
    const bytes = readSmall(fd, expected);
    const digest = digestOf(bytes);
    yield { files: 0, bytes: bytes.length };
    return { digest, size: bytes.length };
  }
  const stream = new DigestStream();
  const size = yield* readInSteps(fd, (bytes) => stream.update(bytes));
  return { digest: stream.digest(), size };
}
