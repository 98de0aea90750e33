import { mkdirSync, readFileSync, renameSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Digest } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import { compareCodePoints } from '../../core/value.ts';
import { fileError, isMissing } from '../../system/file-error.ts';
import { decodeIndex, encodeFolder, encodeIndex, type IndexFolder, type IndexRow } from './encoding.ts';
import { type FileClock, isRacy, openFileClock, waitForClock } from './racy.ts';

/** What of a file's state tells whether it changed. */
export type FileStat = Pick<Stats, 'mtimeMs' | 'ctimeMs' | 'size' | 'ino'>;

/** What each file was when it was last looked at, so that it need not be read again. A convenience: it may be deleted. */
export interface WorkspaceIndex {
  /** The digest that a file had, if it cannot have changed since. To be asked before the file is read. */
  lookUp(path: string, stat: FileStat): Digest | undefined;
  /** After a file was read. */
  record(path: string, stat: FileStat, digest: Digest): void;
  /** After we wrote a file ourselves. */
  recordWritten(path: string, stat: FileStat, digest: Digest): void;
  /** Whether a file, or anything in a folder, was ever in this clone's workspace. */
  wasHere(path: string): boolean;
  /** The path and all beneath it are as if they had never been looked at. */
  forget(path: string): void;
  /** The files beneath a folder (or the file itself), as they were. */
  filesIn(path: string): Iterable<{ readonly path: string; readonly digest: Digest }>;
  /** Paths that were put into the workspace from the lockfile, or into the lockfile from the workspace. */
  tracked(): ReadonlySet<string>;
  track(path: string): void;
  untrack(path: string): void;
  /** Whole or not at all. Does nothing when nothing changed or the project cannot be written to. */
  save(): void;
}

/** Opens the index of a clone. One that is damaged counts as empty. */
export function openIndex(file: string, place: { root: string; tmp: string; clock?: FileClock }): WorkspaceIndex {
  return new FlatIndex(file, place.tmp, place.clock ?? openFileClock(place.tmp));
}

interface Folder {
  /** Null when what the file said of it no longer counts. */
  saved: IndexFolder | null;
  /** Where each saved name is; made when first asked for. */
  places: Map<string, number> | null;
  /** What is known since; null: forgotten. */
  readonly changes: Map<string, IndexRow | null>;
}

class FlatIndex implements WorkspaceIndex {
  readonly #file: string;
  readonly #tmp: string;
  readonly #clock: FileClock;
  #folders = new Map<string, Folder>();
  #tracked = new Set<string>();
  #hasChanged = false;
  #now = Number.NEGATIVE_INFINITY;
  /** The latest time of change among files that we wrote and that are not settled yet. */
  #latestWritten = Number.NEGATIVE_INFINITY;

  constructor(file: string, tmp: string, clock: FileClock) {
    this.#file = file;
    this.#tmp = tmp;
    this.#clock = clock;
    const content = readIndex(file);
    for (const folder of content?.folders ?? []) {
      this.#folders.set(folder.path, { saved: folder, places: null, changes: new Map() });
    }
    for (const path of content?.tracked ?? []) this.#tracked.add(path);
  }

  lookUp(path: string, stat: FileStat): Digest | undefined {
    const row = this.#find(path);
    if (row !== undefined && !row.racy && isUnchanged(row, stat)) return row.digest;
    // What is read now is only certain if the file's last change is over before the reading begins.
    if (isRacy(stat, this.#now)) this.#now = this.#clock.now();
    return undefined;
  }

  record(path: string, stat: FileStat, digest: Digest): void {
    this.#set(path, rowOf(stat, digest, isRacy(stat, this.#now)));
  }

  recordWritten(path: string, stat: FileStat, digest: Digest): void {
    this.#latestWritten = Math.max(this.#latestWritten, stat.ctimeMs);
    this.#set(path, rowOf(stat, digest, false));
  }

  wasHere(path: string): boolean {
    if (this.#tracked.has(path) || this.#find(path) !== undefined) return true;
    for (const _ of this.filesIn(path)) return true;
    return false;
  }

  forget(path: string): void {
    if (this.#find(path) !== undefined) this.#set(path, null);
    for (const [folder, known] of this.#folders) {
      if (folder !== path && !folder.startsWith(`${path}/`)) continue;
      this.#hasChanged = true;
      known.saved = null;
      known.places = null;
      known.changes.clear();
    }
  }

  *filesIn(path: string): Iterable<{ path: string; digest: Digest }> {
    const own = this.#find(path);
    if (own !== undefined) yield { path, digest: own.digest };
    for (const [folder, known] of this.#folders) {
      if (folder !== path && !folder.startsWith(`${path}/`)) continue;
      for (const [name, row] of rowsOf(known)) yield { path: `${folder}/${name}`, digest: row.digest };
    }
  }

  tracked(): ReadonlySet<string> {
    return this.#tracked;
  }

  track(path: string): void {
    if (this.#tracked.has(path)) return;
    this.#tracked.add(path);
    this.#hasChanged = true;
  }

  untrack(path: string): void {
    if (this.#tracked.delete(path)) this.#hasChanged = true;
  }

  save(): void {
    if (!this.#hasChanged) return;
    const settledBefore = waitForClock(this.#clock, this.#latestWritten);
    const blocks: Uint8Array[] = [];
    for (const [path, folder] of [...this.#folders].sort(([a], [b]) => compareCodePoints(a, b))) {
      if (folder.saved !== null && folder.changes.size === 0) blocks.push(folder.saved.raw);
      else blocks.push(...encodeChanged(path, folder, settledBefore, this.#latestWritten));
    }
    const temporary = join(this.#tmp, `index.${randomUUID()}`);
    try {
      mkdirSync(this.#tmp, { recursive: true });
      writeFileSync(temporary, encodeIndex([...this.#tracked].sort(compareCodePoints), blocks));
      renameSync(temporary, this.#file);
      this.#hasChanged = false;
    } catch (error) {
      // Without it the next command is slower and not wrong: no reason to fail this one.
      if (!(fileError(error, 'save') instanceof MlopsError)) throw error;
    } finally {
      rmSync(temporary, { force: true });
    }
  }

  #find(path: string): IndexRow | undefined {
    const [folderPath, name] = split(path);
    const folder = this.#folders.get(folderPath);
    if (folder === undefined) return undefined;
    const changed = folder.changes.get(name);
    if (changed !== undefined) return changed ?? undefined;
    if (folder.saved === null) return undefined;
    folder.places ??= new Map(folder.saved.names.map((known, at) => [known, at]));
    const at = folder.places.get(name);
    return at === undefined ? undefined : folder.saved.row(at);
  }

  #set(path: string, row: IndexRow | null): void {
    const [folderPath, name] = split(path);
    let folder = this.#folders.get(folderPath);
    if (folder === undefined) {
      folder = { saved: null, places: null, changes: new Map() };
      this.#folders.set(folderPath, folder);
    }
    folder.changes.set(name, row);
    this.#hasChanged = true;
  }
}

function readIndex(file: string) {
  try {
    return decodeIndex(readFileSync(file));
  } catch (error) {
    if (isMissing(error) || fileError(error, 'read') instanceof MlopsError) return undefined;
    throw error;
  }
}

function encodeChanged(path: string, folder: Folder, clock: number, latestWritten: number): Uint8Array[] {
  const rows = new Map<string, IndexRow>();
  for (const [name, row] of rowsOf(folder)) {
    const unsettled = row.ctime <= latestWritten && row.ctime >= clock;
    rows.set(name, unsettled && folder.changes.has(name) ? { ...row, racy: true } : row);
  }
  return rows.size === 0 ? [] : [encodeFolder(path, rows)];
}

function* rowsOf({ saved, changes }: Folder): Iterable<[string, IndexRow]> {
  if (saved !== null) {
    for (const [at, name] of saved.names.entries()) if (!changes.has(name)) yield [name, saved.row(at)];
  }
  for (const [name, row] of changes) if (row !== null) yield [name, row];
}

function rowOf({ mtimeMs, ctimeMs, size, ino }: FileStat, digest: Digest, racy: boolean): IndexRow {
  return { mtime: mtimeMs, ctime: ctimeMs, size, ino, digest, racy };
}

function isUnchanged(row: IndexRow, { mtimeMs, ctimeMs, size, ino }: FileStat): boolean {
  return row.size === size && row.mtime === mtimeMs && row.ctime === ctimeMs && row.ino === ino;
}

function split(path: string): [folder: string, name: string] {
  const at = path.lastIndexOf('/');
  return at < 0 ? ['', path] : [path.slice(0, at), path.slice(at + 1)];
}
