import { encodeFolder, type IndexFolder, type IndexRow } from './encoding.ts';

/** The files of one folder: as they were saved, and what is known since. */
export class FolderRows {
  /** Null when what the file said of it no longer counts. */
  #saved: IndexFolder | null;
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
    this.#saved = saved;
    this.#places = null;
    this.#isKnown = true;
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
    if (this.#saved !== null && this.#changes.size === 0) return this.#saved.raw;
    const rows = new Map<string, IndexRow>();
    for (const [name, row] of this.rows()) {
      rows.set(name, this.#changes.has(name) && row.ctime >= unsettled ? { ...row, racy: true } : row);
    }
    return rows.size === 0 && !this.#isKnown ? undefined : encodeFolder(path, rows);
  }
}
