import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, statSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MlopsError, systemCode } from '../../core/errors.ts';
import { syncFolder } from '../../system/write-file.ts';
import { explained, sourceGone } from './body.ts';
import { copyInto, isFolder, linkInto, makeBelow, namesIn, removeOld } from './folder-files.ts';
import { explainFolderError } from './folder-errors.ts';
import type { ByteRange, Content, Remote, RemoteEntry, RemoteOptions, RemoteType } from './remote.ts';

/** A folder on this machine or on a share: a plain path or `file://`. */
export const folderRemote: RemoteType = {
  schemes: ['file:'],
  example: 'a folder (/mnt/archive/iris, ../store or file:///mnt/archive/iris)',
  problemOf(url) {
    if (url.trim() === '') return 'A remote needs an address, but it is empty.';
    try {
      folderOf(url, '/');
      return null;
    } catch {
      return `"${url}" names no folder: a file:// URL has three slashes and an absolute path.`;
    }
  },
  open: async (url, options) => new FolderRemote(url, folderOf(url, options.root), options),
};

// Below it nothing is listed; on the same file system, so that a rename is one step.
const TMP = '.tmp';

class FolderRemote implements Remote {
  readonly url: string;
  readonly readOnly = false;
  readonly defaultJobs: number;
  requests = 0;
  readonly #name: string;
  readonly #folder: string;
  readonly #touched = new Set<string>();
  #breathedAt = 0;

  constructor(url: string, folder: string, options: RemoteOptions) {
    this.url = url;
    this.#name = options.name;
    this.#folder = folder;
    this.defaultJobs = options.jobs ?? 4;
  }

  async prepare({ dryRun }: { readonly dryRun: boolean }): Promise<boolean> {
    if (isFolder(this.#folder)) return true;
    const parent = dirname(this.#folder);
    // Making more than one folder would fill the disk below a mount point that is not mounted.
    if (!isFolder(parent)) throw this.#explain(undefined, `The folder ${parent}, which is to hold it, is not there.`);
    if (!dryRun) await this.#try('make the folder', () => mkdirSync(this.#folder, { recursive: true }));
    return !dryRun;
  }

  async *list(prefix: string): AsyncGenerator<RemoteEntry> {
    const start = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (!isFolder(this.#folder)) throw this.#explain(undefined);
    yield* this.#walk(start, prefix);
  }

  async head(key: string): Promise<RemoteEntry | undefined> {
    const stat = await this.#try('look at', () => statSync(this.#path(key), { throwIfNoEntry: false }));
    if (stat === undefined && !isFolder(this.#folder)) throw this.#explain(undefined);
    return stat?.isFile() === true ? entryOf(key, stat) : undefined;
  }

  async get(key: string, range?: ByteRange): Promise<Readable> {
    await this.#breathe();
    if (range !== undefined && range.length <= 0) return Readable.from([]);
    try {
      const file = await open(this.#path(key), 'r');
      const end = range === undefined ? Number.MAX_SAFE_INTEGER : range.offset + range.length - 1;
      const source = file.createReadStream({
        start: range?.offset ?? 0,
        end: Math.min(end, Number.MAX_SAFE_INTEGER),
        highWaterMark: 1 << 20,
      });
      return explained(source, (error) => this.#explain(error));
    } catch (error) {
      if (systemCode(error) === 'ENOENT' && isFolder(this.#folder)) {
        throw new MlopsError('data-missing', `${this.url} does not hold ${key}.`, { cause: error });
      }
      throw this.#explain(error);
    }
  }

  async put(key: string, content: Content, mode: 'if-absent' | 'always'): Promise<boolean> {
    const target = this.#path(key);
    await this.#breathe();
    if (!isFolder(this.#folder)) throw this.#explain(undefined);
    if (mode === 'if-absent' && existsSync(target)) return false;

    const temporary = join(this.#folder, TMP, randomUUID());
    try {
      // The remote's own folder is never made here: if it vanished, this must not grow a new one in its place.
      await this.#try('write into', () => {
        makeBelow(this.#folder, dirname(temporary));
        makeBelow(this.#folder, dirname(target));
      });
      await copyInto(temporary, content);
      if (mode === 'if-absent' && !linkInto(temporary, target)) return false;
      if (mode === 'always') renameSync(temporary, target);
      this.#touched.add(dirname(target));
      return true;
    } catch (error) {
      throw sourceGone(content, error) ?? this.#explain(error);
    } finally {
      rmSync(temporary, { force: true });
    }
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#try('delete from', () => rmSync(this.#path(key), { force: true }));
  }

  endUnfinished(before: number, { dryRun }: { readonly dryRun: boolean }): Promise<number> {
    return this.#try('delete from', () => removeOld(join(this.#folder, TMP), before, dryRun));
  }

  credentials(): Promise<null> {
    return Promise.resolve(null);
  }

  close(): void {
    const touched = [...this.#touched];
    this.#touched.clear();
    try {
      for (const folder of touched) syncFolder(folder);
    } catch (error) {
      throw this.#explain(error, undefined, 'write into');
    }
  }

  async *#walk(below: string, prefix: string): AsyncGenerator<RemoteEntry> {
    this.requests += 1;
    await this.#breathe();
    for (const name of await this.#try('list', () => namesIn(join(this.#folder, below)))) {
      const key = `${below}${name}`;
      if (key === TMP) continue;
      const stat = statSync(join(this.#folder, key), { throwIfNoEntry: false });
      if (stat?.isDirectory() === true && (`${key}/`.startsWith(prefix) || prefix.startsWith(`${key}/`))) {
        yield* this.#walk(`${key}/`, prefix);
      } else if (stat?.isFile() === true && key.startsWith(prefix)) yield entryOf(key, stat);
    }
  }

  #path(key: string): string {
    this.requests += 1;
    if (key.split('/').includes('..')) throw new Error(`A key of a remote climbs out of it: ${key}`);
    return join(this.#folder, key);
  }

  async #try<T>(what: string, work: () => T): Promise<T> {
    await this.#breathe();
    try {
      return work();
    } catch (error) {
      throw this.#explain(error, undefined, what);
    }
  }

  /** Synchronous calls are much faster, but Ctrl-C and progress need their turn. */
  async #breathe(): Promise<void> {
    if (performance.now() - this.#breathedAt < 20) return;
    await turn();
    this.#breathedAt = performance.now();
  }

  #explain(error: unknown, reason?: string, what?: string): MlopsError {
    if (error instanceof MlopsError) return error;
    return explainFolderError(error, {
      name: this.#name,
      folder: this.#folder,
      there: isFolder(this.#folder),
      what,
      reason,
    });
  }
}

function folderOf(url: string, root: string): string {
  return url.toLowerCase().startsWith('file://') ? fileURLToPath(url) : resolve(root, url);
}

function entryOf(key: string, stat: Stats): RemoteEntry {
  return { key, size: stat.size, modified: Math.floor(stat.mtimeMs) };
}
