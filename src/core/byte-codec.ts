import type { MlopsError } from './errors.ts';

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Puts numbers, texts and digests one after another, each in its one encoding. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(1024);
  #length = 0;

  byte(value: number): void {
    this.#room(1);
    this.#buffer[this.#length++] = value;
  }

  bytes(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Seven bits a byte, the lowest first; the highest bit says that more follow. */
  count(value: number): void {
    this.#room(8);
    let rest = value;
    while (rest > 0x7f) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  text(text: string): void {
    const bytes = Buffer.byteLength(text);
    this.count(bytes);
    this.#room(bytes);
    this.#length += this.#buffer.write(text, this.#length, 'utf8');
  }

  hex(hex: string): void {
    this.#room(hex.length / 2);
    this.#length += this.#buffer.write(hex, this.#length, 'hex');
  }

  result(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

/** Takes apart what a `ByteWriter` wrote, and refuses every second way of writing the same. */
export class ByteReader {
  readonly #buffer: Buffer;
  readonly #error: (message: string) => MlopsError;
  #at = 0;

  constructor(bytes: Uint8Array, error: (message: string) => MlopsError) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#error = error;
  }

  byte(): number {
    const value = this.#buffer[this.#at++];
    if (value === undefined) throw this.#error('it ends too early');
    return value;
  }

  expect(bytes: Uint8Array, message: string): void {
    if (!bytes.every((value, at) => this.#buffer[this.#at + at] === value)) throw this.#error(message);
    this.#at += bytes.length;
  }

  count(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (byte === 0 && factor > 1) throw this.#error('it has a number that is not in its shortest form');
        if (!Number.isSafeInteger(value)) throw this.#error('it has a number that is too large');
        return value;
      }
      factor *= 0x80;
      if (factor > 2 ** 49) throw this.#error('it has a number that is too large');
    }
  }

  text(): string {
    const bytes = this.#take(this.count());
    try {
      return DECODER.decode(bytes);
    } catch {
      throw this.#error('it has a text that is not UTF-8');
    }
  }

  skip(bytes: number): void {
    this.#take(bytes);
  }

  hex(bytes: number): string {
    return this.#take(bytes).toString('hex');
  }

  /** A count, and so many items; each is told the one before it. */
  list<T>(read: (last: T | undefined) => T): T[] {
    const items: T[] = [];
    for (let left = this.count(); left > 0; left--) items.push(read(items.at(-1)));
    return items;
  }

  end(): void {
    if (this.#at !== this.#buffer.length) throw this.#error('it has more bytes than it should');
  }

  #take(bytes: number): Buffer {
    if (bytes > this.#buffer.length - this.#at) throw this.#error('it ends too early');
    this.#at += bytes;
    return this.#buffer.subarray(this.#at - bytes, this.#at);
  }
}
