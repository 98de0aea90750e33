import { parentPort } from 'node:worker_threads';
import { type FileJob, isTaken, readNextRange, takeSlot } from './file-job.ts';
import { hashAll } from './hash-job.ts';
import type { Sent } from './start-thread.ts';

// A thread that helps: it takes what it can of each job that it is sent.

parentPort?.on('message', (message: Sent) => {
  if (message.type === 'hash') hashAll(message.job);
  else {
    const { job, names } = message;
    const slots = { taken: job.slots.taken, bytes: Buffer.from(job.slots.bytes.buffer) };
    readFiles({ ...job, names: names.split('\0'), digests: Buffer.from(job.digests.buffer), slots });
  }
});

function readFiles(job: FileJob): void {
  while (!isTaken(job)) {
    const slot = takeSlot(job.slots);
    if (slot !== undefined) readNextRange(job, slot);
    // All are full: whoever wanted them read takes what is in them, or leaves the job.
    else Atomics.wait(job.slots.taken, 0, 1, 20);
  }
}
