import { closeSync, fsyncSync, readSync } from 'node:fs';
import { type Digest, hexOf } from '../../core/digest.ts';
import { DigestStream } from '../../system/hash.ts';
import { writeAll } from '../../system/write-file.ts';
import { encodePackEnd, PACK_HEADER, type PackedObject, sortByDigest } from './pack-format.ts';

/** A pack that has so many bytes is finished. */
export const LARGEST_PACK: number = 32 * 1024 * 1024;

/** A pack that is whole and on the disk, without its name. */
export interface UnnamedPack {
  readonly temporary: string;
  /** Of all its bytes, as hex: what it will be called. */
  readonly name: string;
  readonly objects: readonly PackedObject[];
}

/** A pack in the making. What is put into it can be read back before it is finished. */
export class PackWriter {
  readonly #create: () => [path: string, fd: number];
  readonly #objects = new Map<Digest, PackedObject>();
  readonly #digest = new DigestStream();
  // Grows with what comes: most packs are never written, as there is too little for one.
  #buffer = Buffer.allocUnsafe(1 << 12);
  /** How many bytes are in the buffer; those before them are in the file. */
  #buffered = 0;
  #written = 0;
  #file: { readonly path: string; readonly fd: number } | null = null;

  constructor(create: () => [path: string, fd: number]) {
    this.#create = create;
    this.#append(PACK_HEADER);
  }

  get count(): number {
    return this.#objects.size;
  }

  /** Bytes, without its index. */
  get size(): number {
    return this.#written + this.#buffered;
  }

  add(digest: Digest, bytes: Uint8Array): void {
    if (this.#objects.has(digest)) return;
    const offset = this.size;
    this.#append(bytes);
    this.#objects.set(digest, { digest, offset, length: bytes.length });
  }

  sizeOf(digest: Digest): number | undefined {
    return this.#objects.get(digest)?.length;
  }

  digests(): Iterable<Digest> {
    return this.#objects.keys();
  }

  read(digest: Digest): Uint8Array | undefined {
    const found = this.#objects.get(digest);
    if (found === undefined) return undefined;
    const { offset, length } = found;
    const bytes = Buffer.allocUnsafe(length);
    const inFile = Math.max(0, Math.min(length, this.#written - offset));
    if (this.#file !== null && inFile > 0) readSync(this.#file.fd, bytes, 0, inFile, offset);
    const start = offset + inFile - this.#written;
    this.#buffer.copy(bytes, inFile, start, start + length - inFile);
    return bytes;
  }

  /** All bytes are on the disk when this returns. */
  finish(): UnnamedPack {
    const objects = sortByDigest(this.#objects.values());
    this.#append(encodePackEnd(objects, this.size));
    const { path, fd } = this.#flush();
    fsyncSync(fd);
    closeSync(fd);
    this.#file = null;
    return { temporary: path, name: hexOf(this.#digest.digest()), objects };
  }

  /** Gives the file up; returns where it was, for whoever removes it. */
  abandon(): string | undefined {
    const path = this.#file?.path;
    if (this.#file !== null) closeSync(this.#file.fd);
    this.#file = null;
    return path;
  }

  #append(bytes: Uint8Array): void {
    if (this.#buffered + bytes.length > LARGEST_BUFFER) this.#flush();
    if (this.#buffered + bytes.length > this.#buffer.length) {
      const wanted = Math.max(this.#buffer.length * 2, this.#buffered + bytes.length);
      const larger = Buffer.allocUnsafe(wanted);
      this.#buffer.copy(larger, 0, 0, this.#buffered);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#buffered);
    this.#buffered += bytes.length;
  }

  #flush(): { path: string; fd: number } {
    if (this.#file === null) {
      const [path, fd] = this.#create();
      this.#file = { path, fd };
    }
    const bytes = this.#buffer.subarray(0, this.#buffered);
    this.#digest.update(bytes);
    writeAll(this.#file.fd, bytes);
    this.#written += this.#buffered;
    this.#buffered = 0;
    return this.#file;
  }
}

const LARGEST_BUFFER = 8 * 1024 * 1024;
