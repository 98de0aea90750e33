import { closeSync } from 'node:fs';
import type { Pack } from './pack-files.ts';
import type { PackedObject } from './pack-format.ts';
import { openPack, readAt } from './read-pack.ts';

// So many bytes are read at once when objects are asked for in the order in which they lie.
const WINDOW = 512 * 1024;

/** Reads objects from packs. The pack that was read from last stays open. */
export class PackReader {
  #open: { readonly name: string; readonly fd: number } | null = null;
  #buffer: Buffer | null = null;
  /** What of the pack is in the buffer. */
  #start = 0;
  #end = 0;
  /** Where the object that was read last ended. */
  #last = -1;

  /** The bytes of an object, good until the next is read; fewer where the pack was cut off. Undefined when it is gone. */
  read({ name, path }: Pack, { offset, length }: PackedObject): Uint8Array | undefined {
    if (this.#open?.name !== name) {
      this.close();
      const fd = openPack(path);
      if (fd === undefined) return undefined;
      this.#open = { name, fd };
    }
    const end = offset + length;
    const isNext = offset === this.#last && length < WINDOW;
    this.#last = end;
    if (isNext && end > this.#end) this.#fill(this.#open.fd, offset);
    if (this.#buffer === null || offset < this.#start || end > this.#end) return readAt(this.#open.fd, offset, length);
    return this.#buffer.subarray(offset - this.#start, end - this.#start);
  }

  close(): void {
    if (this.#open !== null) closeSync(this.#open.fd);
    this.#open = null;
    this.#end = 0;
    this.#last = -1;
  }

  #fill(fd: number, offset: number): void {
    this.#buffer ??= Buffer.allocUnsafeSlow(WINDOW);
    this.#start = offset;
    this.#end = offset + readAt(fd, offset, WINDOW, this.#buffer).length;
  }
}
