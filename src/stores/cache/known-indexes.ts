import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import { isMissing } from '../../system/file-error.ts';
import { PackIndex } from './pack-index.ts';
import { makeFolder } from '../../system/make-folder.ts';

/** The index of a pack elsewhere, and how large that pack is if the index is right. */
export interface KnownIndex {
  readonly index: PackIndex;
  /** Bytes. */
  readonly size: number;
  readonly indexSize: number;
}

/** Indexes of packs on remotes, kept since they never change: `v1/idx/`. They say where to look, and nothing of what is still there. */
export class KnownIndexes {
  readonly #packs: string;
  readonly #folder: string;

  constructor(dir: string) {
    this.#packs = join(dir, 'v1', 'packs');
    this.#folder = join(dir, 'v1', 'idx');
  }

  find(name: string): KnownIndex | undefined {
    const path = this.#pathOf(name);
    try {
      // A pack that went as it is, or came so, has its index beside it.
      const own = join(this.#packs, `${name}.idx`);
      if (existsSync(own)) return decodeIndex(readFileSync(own), name);
      const known = decodeIndex(readFileSync(path), name);
      utimesSync(path, new Date(), new Date());
      return known;
    } catch (error) {
      if (error instanceof MlopsError) this.forget(name);
      // What cannot be read or dated is asked for again.
      return undefined;
    }
  }

  /** A cache that cannot be written to keeps nothing. */
  keep(name: string, bytes: Uint8Array): void {
    const temporary = join(this.#folder, `${randomUUID()}.tmp`);
    try {
      makeFolder(this.#folder);
      writeFileSync(temporary, bytes);
      renameSync(temporary, this.#pathOf(name));
    } catch {
      rmSync(temporary, { force: true });
    }
  }

  forget(name: string): void {
    rmSync(this.#pathOf(name), { force: true });
  }

  /** Removes what nobody has looked at for a month. */
  sweep(): void {
    try {
      for (const file of readdirSync(this.#folder)) {
        const path = join(this.#folder, file);
        const seen = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
        if (seen !== undefined && Date.now() - seen > MONTH) rmSync(path, { force: true });
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  #pathOf(name: string): string {
    return join(this.#folder, `${name}.idx`);
  }
}

/** Reads an index as it is kept on a remote; anything else is `damaged`. */
export function decodeIndex(bytes: Uint8Array, name: string): KnownIndex {
  const index = new PackIndex(bytes, `The index of the pack ${name}`);
  const lengths = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let size = 12 + index.count * 40 + 40;
  for (let at = 0; at < index.count; at++) size += lengths.readUInt32LE(1040 + index.count * 32 + at * 8 + 4);
  return { index, size, indexSize: bytes.length };
}

const MONTH = 30 * 24 * 3600 * 1000;
