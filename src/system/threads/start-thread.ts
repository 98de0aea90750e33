import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageFolder } from '../package-folder.ts';
import type { FileJob } from './file-job.ts';
import type { HashJob } from './hash-job.ts';

/** What a thread may be asked for. One text is sent faster than many names. */
export type Sent =
  | { readonly type: 'files'; readonly job: Omit<FileJob, 'names'>; readonly names: string }
  | { readonly type: 'hash'; readonly job: HashJob };

/** A thread that helps, and ends with the process. */
export interface Thread {
  /** What it was about to do is done without it, and fails there, if it does, by name. */
  hasFailed: boolean;
  send(message: Sent): void;
}

/** Starts a thread; null when the program was not built. */
export function startThread(file = join(packageFolder(), 'dist', 'thread.js')): Thread | null {
  if (!existsSync(file)) return null;
  // It needs little memory: none of what it reads is its own.
  const worker = new Worker(file, { execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: 4 } });
  const thread: Thread = { hasFailed: false, send: (message) => worker.postMessage(message) };
  worker.once('error', () => void (thread.hasFailed = true));
  worker.unref();
  return thread;
}
