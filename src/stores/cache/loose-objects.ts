import { readdirSync, renameSync, statSync, type Stats, utimesSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { type Digest, digestFromHex, hexOf, isDigest } from '../../core/digest.ts';
import { fileError, isMissing } from '../../system/file-error.ts';
import { bringBack, leavingNames } from './leaving.ts';
import { syncFiles, syncFilesMeanwhile, syncFolders, syncFoldersMeanwhile } from '../../system/sync-files.ts';
import { makeFolder } from '../../system/make-folder.ts';

/** An object whose bytes are written, and that has no name yet. */
export interface Unnamed {
  readonly digest: Digest;
  /** Where its bytes are, absolute. */
  readonly temporary: string;
  readonly size: number;
}

/** Objects as files: `objects/ab/cdef…`, never written to, there only when their final name is. */
export class LooseObjects {
  readonly #cache: string;
  readonly #folder: string;
  readonly #madeFolders = new Set<string>();

  constructor(folder: string) {
    this.#cache = folder;
    this.#folder = join(folder, 'objects');
  }

  /** Where an object is, or would be. */
  pathOf(digest: Digest): string {
    const hex = hexOf(digest);
    return `${this.#folder}${sep}${hex.slice(0, 2)}${sep}${hex.slice(2)}`;
  }

  /** What a collection was about to remove is there as well, and gets its name again. */
  stat(digest: Digest): Stats | undefined {
    const path = this.pathOf(digest);
    const look = () => statSync(path, { throwIfNoEntry: false });
    return look() ?? (bringBack(this.#cache, hexOf(digest), path) ? look() : undefined);
  }

  /** Where an object is, or would be; one that a collection was about to remove has its name again. */
  locate(digest: Digest): string {
    this.stat(digest);
    return this.pathOf(digest);
  }

  /** Tells which objects are there now: the first few are asked for, from then on folders are listed. */
  presence(): (digest: Digest) => boolean {
    const listed = new Map<string, ReadonlySet<string>>();
    const leaving = new Set(leavingNames(this.#cache));
    let asked = 0;
    return (digest) => {
      if (asked++ < FEW) return this.stat(digest) !== undefined;
      const hex = hexOf(digest);
      const prefix = hex.slice(0, 2);
      let names = listed.get(prefix);
      if (names === undefined) {
        names = new Set(namesIn(join(this.#folder, prefix)));
        listed.set(prefix, names);
      }
      return (names.size > 0 && names.has(hex.slice(2))) || (leaving.size > 0 && leaving.has(hex));
    };
  }

  /** Whether the object is there; then its time says that it is still wanted, so that nothing collects it meanwhile. */
  refresh(digest: Digest, size: number): 'present' | 'absent' | 'wrong-size' {
    const stat = this.stat(digest);
    if (stat === undefined) return 'absent';
    if (stat.size !== size) return 'wrong-size';
    // It may be gone: a collection was faster.
    return this.touch(digest) ? 'present' : 'absent';
  }

  /** Puts today's date on an object; false when it is not there. */
  touch(digest: Digest): boolean {
    try {
      utimesSync(this.pathOf(digest), new Date(), new Date());
      // It may have lost its name before it got its date, and be gone.
      statSync(this.pathOf(digest));
      return true;
    } catch (error) {
      if (isMissing(error) && bringBack(this.#cache, hexOf(digest), this.pathOf(digest))) return this.touch(digest);
      // Another user's object in a shared cache: whoever owns it keeps it.
      return !isMissing(error);
    }
  }

  /** Gives objects their names, once their bytes are sure to last; the names last when this returns. */
  name(objects: readonly Unnamed[]): void {
    const [first] = objects;
    if (first === undefined) return;
    syncFiles(
      objects.map(({ temporary }) => temporary),
      dirname(first.temporary),
    );
    syncFolders(this.#rename(objects));
  }

  /** The same while other work goes on. What has its name leaves the map. */
  async nameMeanwhile(pending: Map<Digest, Unnamed>): Promise<void> {
    const objects = [...pending.values()];
    const [first] = objects;
    if (first === undefined) return;
    try {
      await syncFilesMeanwhile(
        objects.map(({ temporary }) => temporary),
        dirname(first.temporary),
      );
      const folders = this.#rename(objects);
      pending.clear();
      await syncFoldersMeanwhile(folders);
    } catch (error) {
      throw fileError(error, `write to the cache in ${dirname(this.#folder)}`);
    }
  }

  /** Returns the folders in which names are new. */
  #rename(objects: readonly Unnamed[]): string[] {
    const folders = new Set<string>();
    for (const { digest, temporary } of objects) {
      const path = this.pathOf(digest);
      const folder = dirname(path);
      if (!this.#madeFolders.has(folder)) {
        if (makeFolder(folder) !== undefined) folders.add(this.#folder);
        this.#madeFolders.add(folder);
      }
      renameSync(temporary, path);
      folders.add(folder);
    }
    return [...folders];
  }

  /** Every object, in no order. */
  *list(): Iterable<{ digest: Digest; size: number; modified: number }> {
    for (const hex of leavingNames(this.#cache)) {
      const digest = digestFromHex(hex);
      if (isDigest(digest)) bringBack(this.#cache, hex, this.pathOf(digest));
    }
    for (const prefix of namesIn(this.#folder)) {
      if (!/^[0-9a-f]{2}$/.test(prefix)) continue;
      for (const rest of namesIn(join(this.#folder, prefix))) {
        const digest = digestFromHex(prefix + rest);
        const stat = isDigest(digest) ? this.stat(digest) : undefined;
        if (stat !== undefined) yield { digest, size: stat.size, modified: stat.mtimeMs };
      }
    }
  }
}

/** So many questions are cheaper than a listing. */
const FEW = 64;

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
