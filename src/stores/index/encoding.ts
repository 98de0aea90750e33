import { hexOf } from '../../core/digest.ts';
import { digestOf } from '../../system/hash.ts';
import { decodeFolder, type IndexFolder, padded } from './folder-block.ts';

/** All that an index file holds. */
export interface IndexContent {
  readonly tracked: readonly string[];
  readonly folders: readonly IndexFolder[];
}

const MAGIC = 'mlopsidx';
const VERSION = 2;
// Numbers are in the order of this machine's bytes; an index from another kind of machine is no use anyway.
const ORDER = 0x01020304;
const HEADER = 64;

/**
 * The bytes of an index file: a header (magic, byte order, version, folders, bytes of tracked paths, BLAKE3 of the rest),
 * the tracked paths, and a block for each folder.
 */
export function encodeIndex(tracked: readonly string[], blocks: readonly Uint8Array[]): Uint8Array {
  const paths = Buffer.from(tracked.join('\0'));
  const start = HEADER + padded(paths.length);
  const bytes = Buffer.from(new ArrayBuffer(start + blocks.reduce((sum, block) => sum + block.length, 0)));
  bytes.write(MAGIC, 'latin1');
  new Uint32Array(bytes.buffer, 8, 4).set([ORDER, VERSION, blocks.length, paths.length]);
  bytes.set(paths, HEADER);
  let at = start;
  for (const block of blocks) {
    bytes.set(block, at);
    at += block.length;
  }
  bytes.write(hexOf(digestOf(bytes.subarray(HEADER))), 24, 'hex');
  return bytes;
}

/** What an index file says, or undefined when it is damaged, of another version, or no index at all. */
export function decodeIndex(file: Uint8Array): IndexContent | undefined {
  if (file.length < HEADER || file.length % 8 !== 0) return undefined;
  const all = Buffer.from(file.byteOffset % 8 === 0 ? file.buffer : new Uint8Array(file).buffer).subarray(
    file.byteOffset % 8 === 0 ? file.byteOffset : 0,
  );
  const bytes = all.subarray(0, file.length);
  const [order, version, count = 0, trackedBytes = 0] = new Uint32Array(bytes.buffer, bytes.byteOffset + 8, 4);
  if (bytes.toString('latin1', 0, 8) !== MAGIC || order !== ORDER || version !== VERSION) return undefined;
  if (bytes.toString('hex', 24, 56) !== hexOf(digestOf(bytes.subarray(HEADER)))) return undefined;
  try {
    const tracked = bytes.toString('utf8', HEADER, HEADER + trackedBytes);
    const folders: IndexFolder[] = [];
    let at = HEADER + padded(trackedBytes);
    for (let left = count; left > 0; left--) {
      const folder = decodeFolder(bytes, at);
      folders.push(folder);
      at += folder.raw.length;
    }
    return at === bytes.length ? { tracked: tracked === '' ? [] : tracked.split('\0'), folders } : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
