import type { TreeEntry } from '../../core/tree.ts';
import {
  decodeFolder,
  encodeFolder,
  type FolderLine,
  type IndexFolder,
  type IndexRow,
  type Listing,
} from './folder-block.ts';

/** The files of one folder: as they were saved, and what is known since. */
export class FolderRows {
  /** Null when what the file said of it no longer counts. */
  #saved: IndexFolder | null;
  /** Whether the saved rows are of this process, and not in the file yet. */
  #isFresh = false;
  /** Where each saved name is; made when first asked for. */
  #places: Map<string, number> | null = null;
  /** Null: forgotten. */
  readonly #changes = new Map<string, IndexRow | null>();
  #isCleared = false;
  /** Whether the folder itself was seen, be there files in it or not. */
  #isKnown: boolean;

  constructor(saved: IndexFolder | null) {
    this.#saved = saved;
    this.#isKnown = saved !== null;
  }

  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Its rows as they were when it was listed; undefined when it was not, or one of them changed since. */
  get listed(): IndexFolder | undefined {
    return this.#saved !== null && this.#saved.listing !== null && this.#changes.size === 0 ? this.#saved : undefined;
  }

  see(): void {
    this.#isKnown = true;
  }

  find(name: string): IndexRow | undefined {
    const changed = this.#changes.get(name);
    if (changed !== undefined) return changed ?? undefined;
    if (this.#saved === null) return undefined;
    this.#places ??= new Map(this.#saved.names.map((known, at) => [known, at]));
    const at = this.#places.get(name);
    return at === undefined ? undefined : this.#saved.row(at);
  }

  set(name: string, row: IndexRow | null): void {
    this.#changes.set(name, row);
  }

  /** All its names are known, each with a row of its own unless it is a folder. */
  list(path: string, listing: Listing, entries: readonly TreeEntry[]): void {
    const lines: FolderLine[] = [];
    let known = 0;
    for (const { name, kind, size, files, digest } of entries) {
      const found = this.find(name);
      if (found !== undefined) known++;
      if (kind !== 'tree' && found === undefined) return;
      const isFile = kind !== 'tree' && found !== undefined;
      const row = isFile ? found : { mtime: files, ctime: 0, size, ino: 0, digest, racy: false, kind };
      lines.push({ name, row, kind, isListed: true });
    }
    this.#addUnlisted(lines, known);
    this.#replace(decodeFolder(asBuffer(encodeFolder({ path, lines, listing })), 0));
    this.#isFresh = true;
  }

  clear(): void {
    this.#isCleared = true;
    this.#isKnown = false;
    this.#saved = null;
    this.#places = null;
    this.#changes.clear();
  }

  /** What another process saved meanwhile counts, as far as this one knows nothing newer. */
  rebase(saved: IndexFolder): void {
    if (this.#isCleared) return;
    this.#isKnown = true;
    if (!this.#isFresh) {
      this.#saved = saved;
      this.#places = null;
      return;
    }
    for (const [at, name] of saved.names.entries()) {
      if (!this.#changes.has(name) && this.find(name) === undefined) this.#changes.set(name, saved.row(at));
    }
  }

  *rows(): Iterable<[name: string, row: IndexRow]> {
    if (this.#saved !== null) {
      for (const [at, name] of this.#saved.names.entries())
        if (!this.#changes.has(name)) yield [name, this.#saved.row(at)];
    }
    for (const [name, row] of this.#changes) if (row !== null) yield [name, row];
  }

  /** As bytes; none when nothing is known of it. What was changed at `unsettled` or later may change once more without its times telling. */
  encode(path: string, unsettled: number): Uint8Array | undefined {
    if (this.#isFresh) this.#saved?.unsettle(unsettled);
    if (this.#saved !== null && this.#changes.size === 0) return this.#saved.raw;
    const lines: FolderLine[] = [];
    for (const [name, row] of this.rows()) {
      const isUnsettled = row.ctime >= unsettled && this.#changes.has(name);
      lines.push({ name, row: isUnsettled ? { ...row, racy: true } : row, kind: row.kind, isListed: false });
    }
    if (lines.length === 0 && !this.#isKnown) return undefined;
    return encodeFolder({ path, lines, listing: null });
  }

  /** What was here once is not forgotten when it is gone. `known`: how many of the lines had a row. */
  #addUnlisted(lines: FolderLine[], known: number): void {
    if (this.#saved === null && this.#changes.size === known) return;
    const listed = new Set(lines.map(({ name }) => name));
    for (const [name, row] of this.rows()) {
      if (!listed.has(name)) lines.push({ name, row, kind: row.kind, isListed: false });
    }
  }

  #replace(saved: IndexFolder): void {
    this.#saved = saved;
    this.#places = null;
    this.#changes.clear();
    this.#isKnown = true;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The folder that a path is in, and its name there. */
export function splitPath(path: string): [folder: string, name: string] {
  const at = path.lastIndexOf('/');
  return at < 0 ? ['', path] : [path.slice(0, at), path.slice(at + 1)];
}
