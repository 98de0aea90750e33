import { readSync } from 'node:fs';
import type { Digest } from '../../core/digest.ts';
import { DigestStream, type ReadSteps, readInSteps } from '../hash.ts';
import { createHashJob, digestIn, endBytes, fillSegment, freeSegment, waitForHash } from './hash-job.ts';
import { startThread, type Thread } from './start-thread.ts';

/** Bytes that were read: how many, and their digest. */
export interface ReadBytes {
  readonly digest: Digest;
  readonly size: number;
}

// Fewer bytes are hashed before a thread has started.
const WORTH_A_THREAD = 64 * 1024 * 1024;
// A thread that goes no step on for so long is not waited for.
const [LONGEST_WAIT, MOST_WAITS] = [20, 500];

let thread: Thread | null = null;
let isBusy = false;

/**
 * Reads an open file, hands each part of it to `take`, and hashes it in another thread meanwhile where that is worth it.
 * Undefined when that thread failed: from then on all is done in one.
 */
export function* readAndHash(
  fd: number,
  expected: number,
  threads: number,
  take: (bytes: Uint8Array) => void,
): ReadSteps<ReadBytes | undefined> {
  if (threads > 1 && expected >= WORTH_A_THREAD && !isBusy && thread?.hasFailed !== true) {
    thread ??= startThread();
    if (thread !== null) return yield* hashBeside(thread, fd, take);
  }
  const stream = new DigestStream();
  const size = yield* readInSteps(fd, (bytes) => {
    take(bytes);
    stream.update(bytes);
  });
  return { digest: stream.digest(), size };
}

function* hashBeside(beside: Thread, fd: number, take: (bytes: Uint8Array) => void): ReadSteps<ReadBytes | undefined> {
  const job = createHashJob();
  isBusy = true;
  beside.send({ type: 'hash', job });
  try {
    for (let size = 0, read = -1; ; size += read) {
      const segment = yield* waitFor(() => freeSegment(job));
      if (segment === undefined) return undefined;
      read = readSync(fd, segment, 0, segment.length, null);
      if (read === 0) {
        endBytes(job);
        const digest = yield* waitFor(() => digestIn(job));
        return digest && { digest, size };
      }
      fillSegment(job, read);
      take(segment.subarray(0, read));
      yield { files: 0, bytes: read };
    }
  } finally {
    endBytes(job);
    isBusy = false;
  }

  function* waitFor<T>(look: () => T | undefined): ReadSteps<T | undefined> {
    for (let waits = 0; waits < MOST_WAITS && !beside.hasFailed;) {
      const found = look();
      if (found !== undefined) return found;
      if (waitForHash(job, LONGEST_WAIT)) continue;
      waits++;
      yield { files: 0, bytes: 0 };
    }
    beside.hasFailed = true;
    return undefined;
  }
}
