import { rmSync } from 'node:fs';
import type { Digest } from '../../core/digest.ts';
import { isTreeObject } from '../../core/tree.ts';
import { LARGEST_PACK, type PackWriter } from './pack-writer.ts';
import type { Packs } from './packs.ts';

/** Fewer small objects than this are files of their own. */
const SMALLEST_PACK = 16;

/** The small objects of one batch on their way into packs: files in some, trees in others, and those after what they name. */
export class SmallObjects {
  readonly #packs: Packs;
  #files: PackWriter;
  #trees: PackWriter;

  constructor(packs: Packs) {
    this.#packs = packs;
    this.#files = packs.begin();
    this.#trees = packs.begin();
  }

  put(digest: Digest, bytes: Uint8Array): void {
    const isTree = isTreeObject(bytes);
    (isTree ? this.#trees : this.#files).add(digest, bytes);
    if (this.#files.size >= LARGEST_PACK) this.#files = this.#finish(this.#files);
    if (this.#trees.size < LARGEST_PACK) return;
    if (this.#files.count > 0) this.#files = this.#finish(this.#files);
    this.#trees = this.#finish(this.#trees);
  }

  sizeOf(digest: Digest): number | undefined {
    return this.#files.sizeOf(digest) ?? this.#trees.sizeOf(digest);
  }

  read(digest: Digest): Uint8Array | undefined {
    return this.#files.read(digest) ?? this.#trees.read(digest);
  }

  /** Gives names to files. Few of a kind are not worth a pack: those, trees too, are given back, files first. */
  finishFiles(takeFew: (digest: Digest, bytes: Uint8Array) => void): void {
    if (this.#files.count >= SMALLEST_PACK) this.#files = this.#finish(this.#files);
    this.#files = this.#giveBack(this.#files, takeFew);
    if (this.#trees.count < SMALLEST_PACK) this.#trees = this.#giveBack(this.#trees, takeFew);
  }

  /** Gives names to trees, after all that they name has its own. */
  finishTrees(): void {
    if (this.#trees.count > 0) this.#trees = this.#finish(this.#trees);
  }

  /** Removes what has no name yet. */
  abandon(): void {
    for (const writer of [this.#files, this.#trees]) {
      const path = writer.abandon();
      if (path !== undefined) rmSync(path, { force: true });
    }
  }

  #giveBack(writer: PackWriter, takeFew: (digest: Digest, bytes: Uint8Array) => void): PackWriter {
    for (const digest of writer.digests()) takeFew(digest, writer.read(digest) ?? new Uint8Array());
    return writer.count === 0 ? writer : this.#packs.begin();
  }

  #finish(writer: PackWriter): PackWriter {
    this.#packs.name(writer.finish());
    return this.#packs.begin();
  }
}
