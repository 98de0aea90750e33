import type { Digest } from '../../core/digest.ts';
import { compareCodePoints } from '../../core/value.ts';
import type { IndexContent } from './encoding.ts';
import { isRewritten, isUnchanged, rowOf } from './file-stat.ts';
import type { FileStat, IndexFolder, IndexRow } from './folder-block.ts';
import { readIndex, versionOf, writeIndex } from './index-file.ts';
import { FolderRows, splitPath } from './index-folder.ts';
import type { ListedFolder, WorkspaceIndex } from './workspace-index.ts';
import { type FileClock, isRacy, openFileClock, waitForClock } from './racy.ts';

/** What an index can be asked and told. */
export type { ListedFolder, WorkspaceIndex } from './workspace-index.ts';

/** Opens the index of a clone. One that is damaged counts as empty. */
export function openIndex(file: string, place: { readonly tmp: string; readonly clock?: FileClock }): WorkspaceIndex {
  return new FlatIndex(file, place.tmp, place.clock ?? openFileClock(place.tmp));
}

class FlatIndex implements WorkspaceIndex {
  readonly rewritten: string[] = [];
  readonly #file: string;
  readonly #tmp: string;
  readonly #clock: FileClock;
  readonly #folders = new Map<string, FolderRows>();
  readonly #tracked = new Set<string>();
  readonly #untracked = new Set<string>();
  /** Which version of the file was read. */
  #version: string;
  #hasChanged = false;
  #now = Number.NEGATIVE_INFINITY;
  /** The latest time of change among files that we wrote. */
  #latestWritten = Number.NEGATIVE_INFINITY;

  constructor(file: string, tmp: string, clock: FileClock) {
    this.#file = file;
    this.#tmp = tmp;
    this.#clock = clock;
    this.#version = versionOf(file);
    this.#merge(readIndex(file));
  }

  lookUp(path: string, stat: FileStat): Digest | undefined {
    const row = this.#find(path);
    if (row !== undefined && !row.racy && isUnchanged(row, stat)) return row.digest;
    // What is read now is only certain if the file's last change is over before the reading begins.
    if (isRacy(stat, this.#now)) this.#now = this.#clock.now();
    return undefined;
  }

  record(path: string, stat: FileStat, digest: Digest): void {
    const [folder, name] = splitPath(path);
    this.recorder(folder, this.#now)(name, stat, digest);
  }

  recorder(folder: string, clock: number): (name: string, stat: FileStat, digest: Digest) => void {
    const rows = this.#folder(folder);
    return (name, stat, digest) => {
      if (isRewritten(rows.find(name), stat)) this.rewritten.push(folder === '' ? name : `${folder}/${name}`);
      rows.set(name, rowOf(stat, digest, isRacy(stat, clock)));
      this.#hasChanged = true;
    };
  }

  clock(): number {
    return this.#clock.now();
  }

  isNew(folder: string): boolean {
    for (const _ of this.#folders.get(folder)?.rows() ?? []) return false;
    return true;
  }

  recordWritten(path: string, stat: FileStat, digest: Digest): void {
    this.#latestWritten = Math.max(this.#latestWritten, stat.ctimeMs);
    this.#set(path, rowOf(stat, digest, false));
  }

  recordFolder(path: string): void {
    const rows = this.#folder(path);
    if (rows.isKnown) return;
    rows.see();
    this.#hasChanged = true;
  }

  listed(path: string, stat: FileStat): IndexFolder | undefined {
    const known = this.#folders.get(path)?.listed;
    const { listing } = known ?? {};
    const isSame = listing?.mtime === stat.mtimeMs && listing.ctime === stat.ctimeMs && listing.ino === stat.ino;
    if (isSame) return known;
    if (isRacy(stat, this.#now)) this.#now = this.#clock.now();
    return undefined;
  }

  recordListing(path: string, stat: FileStat, { entries, ...found }: ListedFolder): void {
    if (isRacy(stat, this.#now)) return;
    const { mtimeMs: mtime, ctimeMs: ctime, ino } = stat;
    this.#folder(path).list(path, { mtime, ctime, ino, ...found }, entries);
    this.#hasChanged = true;
  }

  wasHere(path: string): boolean {
    if (this.#tracked.has(path) || this.#find(path) !== undefined) return true;
    for (const rows of this.#foldersIn(path)) {
      if (rows.isKnown) return true;
      for (const _ of rows.rows()) return true;
    }
    return false;
  }

  forget(path: string): void {
    if (this.#find(path) !== undefined) this.#set(path, null);
    for (const rows of this.#foldersIn(path)) {
      rows.clear();
      this.#hasChanged = true;
    }
  }

  tracked(): ReadonlySet<string> {
    return this.#tracked;
  }

  track(path: string): void {
    if (this.#tracked.has(path)) return;
    this.#tracked.add(path);
    this.#untracked.delete(path);
    this.#hasChanged = true;
  }

  untrack(path: string): void {
    if (!this.#tracked.delete(path)) return;
    this.#untracked.add(path);
    this.#hasChanged = true;
  }

  save(): void {
    if (!this.#hasChanged) return;
    const unsettled = waitForClock(this.#clock, this.#latestWritten);
    if (versionOf(this.#file) !== this.#version) this.#merge(readIndex(this.#file));
    const blocks: Uint8Array[] = [];
    for (const [path, rows] of [...this.#folders].sort(([a], [b]) => compareCodePoints(a, b))) {
      const block = rows.encode(path, unsettled);
      if (block !== undefined) blocks.push(block);
    }
    if (!writeIndex(this.#file, [...this.#tracked].sort(compareCodePoints), blocks, this.#tmp)) return;
    this.#version = versionOf(this.#file);
    this.#hasChanged = false;
  }

  #merge(content: IndexContent | undefined): void {
    for (const folder of content?.folders ?? []) {
      const known = this.#folders.get(folder.path);
      if (known === undefined) this.#folders.set(folder.path, new FolderRows(folder));
      else known.rebase(folder);
    }
    for (const path of content?.tracked ?? []) if (!this.#untracked.has(path)) this.#tracked.add(path);
  }

  #find(path: string): IndexRow | undefined {
    const [folder, name] = splitPath(path);
    return this.#folders.get(folder)?.find(name);
  }

  #set(path: string, row: IndexRow | null): void {
    const [folder, name] = splitPath(path);
    this.#folder(folder).set(name, row);
    this.#hasChanged = true;
  }

  #folder(path: string): FolderRows {
    let rows = this.#folders.get(path);
    if (rows === undefined) {
      rows = new FolderRows(null);
      this.#folders.set(path, rows);
    }
    return rows;
  }

  *#foldersIn(path: string): Iterable<FolderRows> {
    for (const [folder, rows] of this.#folders) if (folder === path || folder.startsWith(`${path}/`)) yield rows;
  }
}
