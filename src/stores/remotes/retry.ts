import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { MlopsError } from '../../core/errors.ts';
import type { ByteRange, Content, Remote, RemoteEntry } from './remote.ts';

/** A failure of a remote that may be gone the next time: a reset, a timeout, a 503. */
export class TransientError extends MlopsError {
  constructor(message: string, details: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super('remote-unavailable', message, details);
  }
}

/** How often something is tried, how long to wait in between, and the clock and dice that tests bring themselves. */
export interface Patience {
  readonly attempts: number;
  readonly firstWaitMilliseconds: number;
  readonly longestWaitMilliseconds: number;
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** Five attempts within some seconds: enough for a hiccup, not so long that a person gives up first. */
export const PATIENT: Patience = {
  attempts: 5,
  firstWaitMilliseconds: 200,
  longestWaitMilliseconds: 5_000,
  wait: async (milliseconds, signal) => {
    await sleep(milliseconds, undefined, { signal, ref: true }).catch(() => undefined);
  },
  random: Math.random,
};

/** Tries until it succeeds, fails for good, or patience ends. What then comes out is not transient any more. */
export async function retry<T>(work: () => Promise<T>, patience: Patience, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TransientError) || signal.aborted) throw error;
      if (attempt >= patience.attempts) throw givenUp(error, attempt);
      await patience.wait(waitBefore(attempt, patience), signal);
      if (signal.aborted) throw error;
    }
  }
}

/** Full jitter below a doubling limit, so that many clients do not come back at the same moment. */
export function waitBefore(attempt: number, patience: Patience): number {
  const limit = patience.firstWaitMilliseconds * 2 ** (attempt - 1);
  return Math.round(Math.min(limit, patience.longestWaitMilliseconds) * patience.random());
}

/** A remote around a remote, that tries again. A download that breaks off goes on from where it stopped. */
export function retrying(remote: Remote, patience: Patience): Remote {
  return new RetryingRemote(remote, patience);
}

function givenUp(error: TransientError, attempts: number): MlopsError {
  const message = `${error.message.replace(/\.$/, '')}, ${attempts} times in a row.`;
  const details = { cause: error.cause ?? error };
  return new MlopsError(
    'remote-unavailable',
    message,
    error.hint === null ? details : { ...details, hint: error.hint },
  );
}

class RetryingRemote implements Remote {
  readonly #remote: Remote;
  readonly #patience: Patience;
  readonly #closing = new AbortController();

  constructor(remote: Remote, patience: Patience) {
    this.#remote = remote;
    this.#patience = patience;
  }

  get url(): string {
    return this.#remote.url;
  }

  get readOnly(): boolean {
    return this.#remote.readOnly;
  }

  get defaultJobs(): number {
    return this.#remote.defaultJobs;
  }

  get requests(): number {
    return this.#remote.requests;
  }

  prepare(options: { readonly dryRun: boolean }): Promise<boolean> {
    return this.#retry(() => this.#remote.prepare(options));
  }

  /** Begins anew after a failure, and leaves out what was already told. */
  async *list(prefix: string): AsyncGenerator<RemoteEntry> {
    const told = new Set<string>();
    let pages = this.#remote.list(prefix)[Symbol.asyncIterator]();
    for (;;) {
      const next = await this.#retry(async () => {
        try {
          return await pages.next();
        } catch (error) {
          pages = this.#remote.list(prefix)[Symbol.asyncIterator]();
          throw error;
        }
      });
      if (next.done === true) return;
      if (told.has(next.value.key)) continue;
      told.add(next.value.key);
      yield next.value;
    }
  }

  head(key: string): Promise<RemoteEntry | undefined> {
    return this.#retry(() => this.#remote.head(key));
  }

  async get(key: string, range?: ByteRange): Promise<Readable> {
    const first = await this.#retry(() => this.#remote.get(key, range));
    return Readable.from(this.#goOn(key, range ?? { offset: 0, length: Number.MAX_SAFE_INTEGER }, first), {
      objectMode: false,
    });
  }

  put(key: string, content: Content, mode: 'if-absent' | 'always'): Promise<boolean> {
    return this.#retry(() => this.#remote.put(key, content, mode));
  }

  delete(keys: readonly string[]): Promise<void> {
    return this.#retry(() => this.#remote.delete(keys));
  }

  endUnfinished(before: number, options: { readonly dryRun: boolean }): Promise<number> {
    return this.#retry(() => this.#remote.endUnfinished(before, options));
  }

  credentials(): Promise<string | null> {
    return this.#remote.credentials();
  }

  close(): void {
    this.#closing.abort();
    this.#remote.close();
  }

  #retry<T>(work: () => Promise<T>): Promise<T> {
    return retry(work, this.#patience, this.#closing.signal);
  }

  async *#goOn(key: string, range: ByteRange, first: Readable): AsyncGenerator<Uint8Array> {
    let body = first;
    let read = 0;
    let attempt = 0;
    for (;;) {
      try {
        for await (const chunk of body as AsyncIterable<Uint8Array>) {
          if (chunk.byteLength === 0) continue;
          read += chunk.byteLength;
          attempt = 0;
          yield chunk;
        }
        return;
      } catch (error) {
        attempt += 1;
        if (!(error instanceof TransientError) || this.#closing.signal.aborted) throw error;
        if (attempt >= this.#patience.attempts) throw givenUp(error, attempt);
        await this.#patience.wait(waitBefore(attempt, this.#patience), this.#closing.signal);
      }
      const rest = { offset: range.offset + read, length: range.length - read };
      body = await this.#retry(() => this.#remote.get(key, rest));
    }
  }
}
