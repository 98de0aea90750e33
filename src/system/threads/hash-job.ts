import { type Digest, digestFromHex, hexOf } from '../../core/digest.ts';
import { DigestStream } from '../hash.ts';

/** One long run of bytes that a thread hashes while they are read and written: a ring of segments. */
export interface HashJob {
  /** How many segments are filled, how many hashed, whether no more come, whether the digest is there. */
  readonly state: Int32Array;
  /** Bytes in each segment of the ring. */
  readonly lengths: Int32Array;
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
}

const SEGMENTS = 4;
const SEGMENT_BYTES = 1 << 20;
const [FILLED, HASHED, ENDED, DONE] = [0, 1, 2, 3];

/** A ring without bytes. Aligned to pages, since some processors read four times slower into other memory. */
export function createHashJob(): HashJob {
  const pages = (SEGMENTS * SEGMENT_BYTES) / 65_536;
  return {
    state: new Int32Array(new SharedArrayBuffer(16)),
    lengths: new Int32Array(new SharedArrayBuffer(4 * SEGMENTS)),
    bytes: new Uint8Array(new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }).buffer),
    digest: new Uint8Array(new SharedArrayBuffer(32)),
  };
}

/** The next segment to be filled; undefined while it is not hashed yet. */
export function freeSegment({ state, bytes }: HashJob): Uint8Array | undefined {
  const filled = Atomics.load(state, FILLED);
  if (filled - Atomics.load(state, HASHED) >= SEGMENTS) return undefined;
  const at = (filled % SEGMENTS) * SEGMENT_BYTES;
  return bytes.subarray(at, at + SEGMENT_BYTES);
}

/** The segment that was free has so many bytes now. */
export function fillSegment({ state, lengths }: HashJob, length: number): void {
  const filled = Atomics.load(state, FILLED);
  lengths[filled % SEGMENTS] = length;
  Atomics.store(state, FILLED, filled + 1);
  Atomics.notify(state, FILLED);
}

/** No more bytes come. */
export function endBytes({ state }: HashJob): void {
  Atomics.store(state, ENDED, 1);
  Atomics.notify(state, FILLED);
}

/** The digest of all bytes; undefined while the thread is not done. */
export function digestIn({ state, digest }: HashJob): Digest | undefined {
  if (Atomics.load(state, DONE) === 0) return undefined;
  return digestFromHex(Buffer.from(digest.buffer).toString('hex'));
}

/** Waits for a step of the thread, so many milliseconds at most; true when it made one. */
export function waitForHash({ state }: HashJob, milliseconds: number): boolean {
  const hashed = Atomics.load(state, HASHED);
  if (hashed === Atomics.load(state, FILLED)) {
    return Atomics.load(state, ENDED) === 0 || Atomics.wait(state, DONE, 0, milliseconds) !== 'timed-out';
  }
  return Atomics.wait(state, HASHED, hashed, milliseconds) !== 'timed-out';
}

/** What the thread does: hashes until no more bytes come. */
export function hashAll({ state, lengths, bytes, digest }: HashJob): void {
  const stream = new DigestStream();
  for (let at = 0; ;) {
    const isEnded = Atomics.load(state, ENDED) === 1;
    if (Atomics.load(state, FILLED) > at) {
      const start = (at % SEGMENTS) * SEGMENT_BYTES;
      stream.update(bytes.subarray(start, start + (lengths[at % SEGMENTS] ?? 0)));
      Atomics.store(state, HASHED, ++at);
      Atomics.notify(state, HASHED);
    } else if (isEnded) {
      Buffer.from(digest.buffer).write(hexOf(stream.digest()), 'hex');
      Atomics.store(state, DONE, 1);
      Atomics.notify(state, DONE);
      return;
    } else Atomics.wait(state, FILLED, at, 1000);
  }
}
