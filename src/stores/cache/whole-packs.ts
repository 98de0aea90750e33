import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Digest, hexOf, digestFromHex } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import { syncFiles } from '../../system/sync-files.ts';
import { loadPacks, namePack, type Pack, readPackEnd } from './pack-files.ts';
import { badPack, type PackedObject } from './pack-format.ts';
import { PackWriter } from './pack-writer.ts';
import { digestOfFile } from './read-object.ts';
import { otherBytes, receive } from './receive.ts';
import { Unfinished } from './unfinished.ts';

/** The packs of the cache in a folder, as they are now. */
export function packsOf(dir: string): readonly Pack[] {
  const unfinished = unfinishedIn(dir);
  return [...loadPacks(join(dir, 'v1', 'packs'), new Map(), () => unfinished.create()).values()];
}

/** Whether a pack has the bytes that its name promises. */
export function isWholePack({ name, path }: Pack): boolean {
  return digestOfFile(path) === digestFromHex(name);
}

/** A pack that was made to be sent, in a file of its own that goes with `drop`. */
export interface MadePack {
  readonly name: string;
  readonly path: string;
  readonly objects: readonly PackedObject[];
  drop(): void;
}

/** Makes a pack of objects in the order given; null of none. `read` gives verified bytes, or undefined to leave one out. */
export function makePack(
  dir: string,
  digests: Iterable<Digest>,
  read: (digest: Digest) => Uint8Array | undefined,
): MadePack | null {
  const unfinished = unfinishedIn(dir);
  const writer = new PackWriter(() => unfinished.create());
  try {
    for (const digest of digests) {
      const bytes = read(digest);
      if (bytes !== undefined) unfinished.guard(() => writer.add(digest, bytes), bytes.length);
    }
    if (writer.count === 0) return null;
    const { temporary, name, objects } = unfinished.guard(() => writer.finish());
    return { name, path: temporary, objects, drop: () => unfinished.drop(temporary) };
  } finally {
    const left = writer.abandon();
    if (left !== undefined) rmSync(left, { force: true });
  }
}

/** Takes a whole pack into the cache once its bytes have its name; its index is made from the pack itself. */
export async function receivePack(
  dir: string,
  name: string,
  source: AsyncIterable<Uint8Array>,
): Promise<readonly PackedObject[]> {
  const unfinished = unfinishedIn(dir);
  const received = await receive(source, () => false, unfinished);
  if (!('temporary' in received)) throw otherBytes(digestFromHex(name), received.digest);
  const { digest, temporary } = received;
  try {
    if (hexOf(digest) !== name) throw otherBytes(digestFromHex(name), digest);
    const objects = readPackEnd(temporary);
    if (objects === undefined) throw badPack(`The pack ${name}`, 'it vanished');
    unfinished.guard(() => {
      syncFiles([temporary], dirname(temporary));
      namePack(join(dir, 'v1', 'packs'), { temporary, name, objects }, () => unfinished.create());
    });
    return objects;
  } catch (error) {
    unfinished.drop(temporary);
    throw error;
  }
}

/** The error of one object, if it is that of a damaged or absent one; any other is thrown. */
export function ofOneObject(error: unknown): MlopsError {
  if (error instanceof MlopsError && (error.kind === 'damaged' || error.kind === 'data-missing')) return error;
  throw error;
}

function unfinishedIn(dir: string): Unfinished {
  const tmp = join(dir, 'v1', 'tmp');
  return new Unfinished(tmp, tmp);
}
