import { parentPort } from 'node:worker_threads';
import { type FileJob, isTaken, readNextRange, takeSlot } from './file-job.ts';

// A thread that helps: it takes what it can of each job that it is sent.

type Sent = Omit<FileJob, 'names'> & { readonly names: string };

parentPort?.on('message', ({ names, ...sent }: Sent) => {
  const job: FileJob = { ...sent, names: names.split('\0') };
  while (!isTaken(job)) {
    const slot = takeSlot(job.slots);
    if (slot !== undefined) readNextRange(job, slot);
    // All are full: whoever wanted them read takes what is in them, or leaves the job.
    else Atomics.wait(job.slots.taken, 0, 1, 20);
  }
});
