import type { ReadSteps } from '../hash.ts';
import {
  createJob,
  createSlots,
  type FileJob,
  type FileRead,
  FILES_PER_RANGE,
  isTaken,
  leaveJob,
  leaveRange,
  readIn,
  readNextRange,
  slotOf,
  takeSlot,
  waitForRange,
} from './file-job.ts';
import { startThread, type Thread } from './start-thread.ts';

/** Threads that read files before they are asked for. They end with the process. */
export class ReadAhead {
  readonly #threads: readonly Thread[];
  readonly #slots;

  /** So many threads, this one among them. */
  constructor(count: number, start: () => Thread | null = startThread) {
    this.#slots = createSlots(2 * count + 2);
    const started = Array.from({ length: count - 1 }, () => start());
    this.#threads = started.filter((thread) => thread !== null);
  }

  get hasFailed(): boolean {
    return this.#threads.some(({ hasFailed }) => hasFailed);
  }

  /** Begins to read files of a folder (absolute). */
  begin(folder: string, names: readonly string[]): FolderReads {
    const job = createJob(folder, names, this.#slots);
    const { names: _, ...rest } = job;
    for (const thread of this.#threads) thread.send({ type: 'files', job: rest, names: names.join('\0') });
    return new FolderReads(this, job);
  }
}

/** The files of one folder that are read ahead. They are asked for in their order. */
export class FolderReads {
  readonly #threads: ReadAhead;
  readonly #job: FileJob;
  #at = 0;
  /** Where the range ends that was asked for last. */
  #end = 0;
  /** Where that range is; null when it is to be read by whoever asks. */
  #slot: number | null | undefined;

  constructor(threads: ReadAhead, job: FileJob) {
    this.#threads = threads;
    this.#job = job;
  }

  /** The next file, as it was read; undefined when it is to be read by whoever asks. */
  *next(): ReadSteps<FileRead | undefined> {
    if (!this.isReady) yield* this.prepare();
    return this.take();
  }

  /** Whether the next file may be taken without waiting for it. */
  get isReady(): boolean {
    return this.#slot !== undefined && this.#at < this.#end;
  }

  /** Waits for the next files. Helps with the reading while it is not done. */
  *prepare(): ReadSteps<void> {
    const at = this.#at;
    if (at > 0 && at === this.#end) leaveRange(this.#job, at / FILES_PER_RANGE - 1);
    this.#end = at + FILES_PER_RANGE - (at % FILES_PER_RANGE);
    this.#slot = null;
    for (let waits = 0; waits < MOST_WAITS && !this.#threads.hasFailed;) {
      const slot = slotOf(this.#job, at);
      if (typeof slot === 'number') {
        this.#slot = slot;
        return;
      }
      if (this.#help()) continue;
      if (slotOf(this.#job, at) === undefined) return;
      waitForRange(this.#job, at, LONGEST_WAIT);
      waits++;
      yield { files: 0, bytes: 0 };
    }
  }

  /** The next file, once it is ready. */
  take(): FileRead | undefined {
    const at = this.#at++;
    return typeof this.#slot === 'number' ? readIn(this.#job, at, this.#slot) : undefined;
  }

  /** Nothing more is asked for. */
  end(): void {
    leaveJob(this.#job);
  }

  #help(): boolean {
    if (isTaken(this.#job)) return false;
    const slot = takeSlot(this.#job.slots);
    return slot !== undefined && readNextRange(this.#job, slot);
  }
}

// A thread that takes so much longer than the same work takes here is not waited for.
const [LONGEST_WAIT, MOST_WAITS] = [20, 500];

let running: ReadAhead | null = null;
let alone: ReadAhead | null = null;

/** The threads of this process, this one among them; started when they are first asked for. For 1, and when one has failed, this one alone. */
export function readAhead(threads: number): ReadAhead {
  if (threads < 2 || running?.hasFailed === true) return (alone ??= new ReadAhead(1));
  return (running ??= new ReadAhead(threads));
}
