import { rmSync } from 'node:fs';
import type { Digest } from '../../core/digest.ts';
import { digestOf } from '../../system/hash.ts';
import { objectsIn, type Pack } from './pack-files.ts';
import { slicesOf } from './read-pack.ts';
import { LARGEST_PACK, type PackWriter, type UnnamedPack } from './pack-writer.ts';

/** A pack whose objects are to be in others. */
export interface OldPack {
  readonly pack: Pack;
  isWanted(digest: Digest): boolean;
  /** Asked with its date, when everything wanted of it is elsewhere. */
  mayGo(modified: number): boolean;
}

/** Where packs come from and go. */
export interface PackPlace {
  begin(): PackWriter;
  name(pack: UnnamedPack): void;
  /** Removes a pack if it may go. */
  drop(pack: Pack, mayGo: (modified: number) => boolean): boolean;
  keepDamaged(digest: Digest, bytes: Uint8Array): void;
}

/**
 * Writes the sound and wanted objects of some packs into new ones, in steps of so many bytes; what is damaged goes into
 * quarantine. A pack goes when all that was wanted of it is in others that have their names. Returns those that are gone.
 */
export function* rewritePacks(place: PackPlace, olds: readonly OldPack[]): Generator<number, Pack[], void> {
  const copied = new Set<Digest>();
  const [made, gone]: [Set<string>, Pack[]] = [new Set(), []];
  let writer = place.begin();
  let done: OldPack[] = [];

  function finish(): void {
    if (writer.count > 0) {
      const finished = writer.finish();
      made.add(finished.name);
      place.name(finished);
      writer = place.begin();
    }
    // One that came out as it was has its name from this very writing.
    for (const { pack, mayGo } of done) if (!made.has(pack.name) && place.drop(pack, mayGo)) gone.push(pack);
    done = [];
  }

  try {
    for (const old of olds) {
      const objects = objectsIn(old.pack).filter(({ digest }) => old.isWanted(digest));
      const slices = slicesOf(old.pack.path, objects);
      let since = 0;
      for (let next = slices.next(); ; next = slices.next()) {
        if (next.done === true) {
          // A pack that vanished is in others already.
          if (next.value) done.push(old);
          break;
        }
        const [{ digest }, bytes] = next.value;
        since += bytes.length;
        if (copied.has(digest)) continue;
        if (digestOf(bytes) !== digest) {
          place.keepDamaged(digest, bytes);
          continue;
        }
        if (writer.count > 0 && writer.size + bytes.length > LARGEST_PACK) finish();
        writer.add(digest, bytes);
        copied.add(digest);
        if (since < STEP) continue;
        yield since;
        since = 0;
      }
      yield since;
    }
    finish();
    return gone;
  } finally {
    const left = writer.abandon();
    if (left !== undefined) rmSync(left, { force: true });
  }
}

const STEP = 4 * 1024 * 1024;
