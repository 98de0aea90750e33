import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { compareCodePoints } from '../../core/value.ts';
import { MlopsError } from '../../core/errors.ts';
import { sourceGone } from './body.ts';
import type { ByteRange, Content, Remote, RemoteEntry, RemoteType } from './remote.ts';

/** A remote in this process's memory, for tests: `memory://name` opened twice is the same place. */
export const memoryRemote: RemoteType = {
  schemes: ['memory:'],
  example: null,
  problemOf: () => null,
  async open(url) {
    const place = places.get(url) ?? new Map<string, Kept>();
    places.set(url, place);
    return new MemoryRemote(url, place);
  },
};

interface Kept {
  readonly bytes: Uint8Array;
  readonly modified: number;
}

const places = new Map<string, Map<string, Kept>>();

class MemoryRemote implements Remote {
  readonly url: string;
  readonly readOnly = false;
  readonly defaultJobs = 16;
  requests = 0;
  readonly #place: Map<string, Kept>;

  constructor(url: string, place: Map<string, Kept>) {
    this.url = url;
    this.#place = place;
  }

  async prepare(): Promise<boolean> {
    return true;
  }

  async *list(prefix: string): AsyncGenerator<RemoteEntry> {
    this.requests += 1;
    for (const key of [...this.#place.keys()].toSorted(compareCodePoints)) {
      const entry = key.startsWith(prefix) ? this.#find(key) : undefined;
      if (entry !== undefined) yield entry;
    }
  }

  async head(key: string): Promise<RemoteEntry | undefined> {
    this.requests += 1;
    return this.#find(key);
  }

  async get(key: string, range?: ByteRange): Promise<Readable> {
    this.requests += 1;
    const kept = this.#place.get(key);
    if (kept === undefined) throw new MlopsError('data-missing', `${this.url} does not hold ${key}.`);
    const { offset, length } = range ?? { offset: 0, length: kept.bytes.byteLength };
    return Readable.from([Buffer.from(kept.bytes.subarray(offset, offset + length))], { objectMode: false });
  }

  async put(key: string, content: Content, mode: 'if-absent' | 'always'): Promise<boolean> {
    this.requests += 1;
    if (mode === 'if-absent' && this.#place.has(key)) return false;
    try {
      const bytes = content.type === 'bytes' ? content.bytes.slice() : readFileSync(content.path);
      this.#place.set(key, { bytes, modified: Date.now() });
      return true;
    } catch (error) {
      throw sourceGone(content, error) ?? error;
    }
  }

  async delete(keys: readonly string[]): Promise<void> {
    this.requests += 1;
    for (const key of keys) this.#place.delete(key);
  }

  endUnfinished(): Promise<number> {
    return Promise.resolve(0);
  }

  credentials(): Promise<null> {
    return Promise.resolve(null);
  }

  close(): void {}

  #find(key: string): RemoteEntry | undefined {
    const kept = this.#place.get(key);
    return kept === undefined ? undefined : { key, size: kept.bytes.byteLength, modified: kept.modified };
  }
}
