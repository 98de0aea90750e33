import { closeSync, openSync, readSync } from 'node:fs';
import { systemCode } from '../../core/errors.ts';
import { isMissing } from '../../system/file-error.ts';
import { PACK_HEADER, type PackedObject } from './pack-format.ts';

/** An object and its bytes; fewer than it should have where the pack was cut off, or the disk does not give them. */
export type Slice = readonly [PackedObject, Uint8Array];

/** So many bytes of a pack are read at a time. */
const WINDOW = 1024 * 1024;

/** The bytes of objects of a pack, in the order of their places, which is how they are to be given. Returns false when the pack is gone. */
export function* slicesOf(path: string, objects: readonly PackedObject[]): Generator<Slice, boolean, void> {
  const fd = openPack(path);
  if (fd === undefined) return false;
  try {
    for (let first = 0; first < objects.length;) {
      const next = endOfWindow(objects, first);
      const start = objects[first]?.offset ?? 0;
      const last = objects[next - 1];
      const length = last === undefined ? 0 : last.offset + last.length - start;
      const window = readAt(fd, start, length);
      const isWhole = window.length === length;
      for (const object of objects.slice(first, next)) {
        const at = object.offset - start;
        // What the disk gives of the rest is asked for piece by piece.
        yield [object, isWhole ? window.subarray(at, at + object.length) : readAt(fd, object.offset, object.length)];
      }
      first = next;
    }
    return true;
  } finally {
    closeSync(fd);
  }
}

function endOfWindow(objects: readonly PackedObject[], first: number): number {
  const start = objects[first]?.offset ?? 0;
  for (let at = first + 1; at < objects.length; at++) {
    const object = objects[at];
    if (object !== undefined && object.offset + object.length - start > WINDOW) return at;
  }
  return objects.length;
}

/** The first bytes of the first object in a pack that has any. */
export function readHead(path: string): Uint8Array {
  return withPack(path, (fd) => readAt(fd, PACK_HEADER.length, HEAD)) ?? new Uint8Array();
}

const HEAD = 12;

/** Does something with an open pack; undefined when it is gone. */
export function withPack<T>(path: string, work: (fd: number) => T): T | undefined {
  const fd = openPack(path);
  if (fd === undefined) return undefined;
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}

/** Opens a pack for reading; undefined when it is gone. */
export function openPack(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** So many bytes of an open file; fewer at its end, or where the disk does not give them. */
export function readAt(
  fd: number,
  offset: number,
  length: number,
  bytes: Buffer = Buffer.allocUnsafe(length),
): Uint8Array {
  try {
    for (let at = 0; at < length;) {
      const read = readSync(fd, bytes, at, length - at, offset + at);
      if (read === 0) return bytes.subarray(0, at);
      at += read;
    }
    return bytes;
  } catch (error) {
    if (systemCode(error) === 'EIO') return bytes.subarray(0, 0);
    throw error;
  }
}
