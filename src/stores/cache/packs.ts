import { rmSync, statSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { isMissing } from '../../system/file-error.ts';
import { allAtOnce, digestOf } from '../../system/hash.ts';
import { packsToFold } from './fold-plan.ts';
import { removeUnlessWanted } from './leaving.ts';
import { LoadedPacks } from './loaded-packs.ts';
import { type CreateFile, indexPathOf, namePack, type Pack } from './pack-files.ts';
import type { PackedObject } from './pack-format.ts';
import { PackReader } from './pack-reader.ts';
import { PackWriter, type UnnamedPack } from './pack-writer.ts';
import { quarantineBytes } from './quarantine.ts';
import { type OldPack, rewritePacks } from './rewrite-packs.ts';

/** Small objects, many to a file. */
export class Packs {
  readonly #cache: string;
  readonly #folder: string;
  readonly #create: CreateFile;
  readonly #packs: LoadedPacks;
  readonly #reader = new PackReader();
  /** Whether packs were made since it was last looked how many there are. */
  #isGrown = false;
  #hasTold = false;
  /** When packs were said to be wanted still. */
  readonly #refreshed = new Map<string, number>();

  constructor(cache: string, create: CreateFile) {
    this.#cache = cache;
    this.#folder = join(cache, 'packs');
    this.#create = create;
    this.#packs = new LoadedPacks(cache, this.#folder, create);
  }

  /** The size of an object, if a pack has it. What others packed meanwhile counts. */
  sizeOf(digest: Digest): number | undefined {
    return this.#packs.findNow(digest, false)?.[1].length;
  }

  /** Tells which objects are in packs now. */
  presence(): (digest: Digest) => boolean {
    return this.#packs.presence();
  }

  /** Whether a pack has the object; then its time says that it is still wanted, so that nothing collects it meanwhile. */
  refresh(digest: Digest): boolean {
    const [pack] = this.#packs.find(digest, false) ?? [];
    if (pack === undefined) return false;
    const isSaid = Date.now() - (this.#refreshed.get(pack.name) ?? 0) < RECENT;
    if (isSaid && statSync(pack.path, { throwIfNoEntry: false }) !== undefined) return true;
    if (isSaid) this.#packs.reload();
    return this.touch(digest);
  }

  /** Puts today's date on the pack that has the object; false when none has. */
  touch(digest: Digest): boolean {
    const [pack] = this.#packs.findNow(digest) ?? [];
    if (pack === undefined) return false;
    const now = Date.now();
    try {
      utimesSync(pack.path, new Date(now), new Date(now));
      // It may have lost its name before it got its date, and be gone.
      statSync(pack.path);
    } catch (error) {
      if (isMissing(error)) return this.#packs.reload().find(digest) !== undefined && this.touch(digest);
      // Another user's pack in a shared cache: whoever owns it keeps it.
    }
    this.#refreshed.set(pack.name, now);
    return true;
  }

  /** Verified, and good until the next is read. What lies beside a damaged object is brought to safety, and the pack goes into quarantine. */
  read(digest: Digest): Uint8Array | 'damaged' | 'gone' {
    for (let attempt = 0; attempt < 2; attempt++) {
      const found = this.#packs.findNow(digest);
      if (found === undefined) return 'gone';
      const bytes = this.#reader.read(...found);
      if (bytes === undefined) {
        this.#packs.reload();
        continue;
      }
      if (bytes.length === found[1].length && digestOf(bytes) === digest) return bytes;
      allAtOnce(this.rewrite([{ pack: found[0], isWanted: ALL, mayGo: ALL }]));
      return 'damaged';
    }
    return 'gone';
  }

  /** A new pack, to be filled and then given to `name`. */
  begin(): PackWriter {
    return new PackWriter(this.#create);
  }

  name(pack: UnnamedPack): void {
    const named = namePack(this.#folder, pack, this.#create);
    this.#refreshed.set(named.name, Date.now());
    this.#isGrown = true;
    this.#packs.add(named);
  }

  /** Tells how many packs there are that are better one, once, if it was this process that has come to so many. */
  tellIfMany(tell: ((count: number) => void) | undefined): void {
    if (!this.#isGrown || this.#hasTold || tell === undefined) return;
    this.#isGrown = false;
    const count = packsToFold(this.#packs.all()).length;
    if (count < MANY) return;
    this.#hasTold = true;
    tell(count);
  }

  /** Every object that is in a pack now, once. */
  objects(): Iterable<PackedObject> {
    return this.#packs.objects();
  }

  /** How many objects are in the packs that are known. */
  get count(): number {
    return this.#packs.count;
  }

  /** All packs as they are now. */
  all(): readonly Pack[] {
    return this.#packs.all();
  }

  /** Puts the sound and wanted objects of some packs into new ones, and what is damaged into quarantine; returns the packs that could go. */
  rewrite(olds: readonly OldPack[]): Generator<number, Pack[], void> {
    this.#reader.close();
    return rewritePacks(
      {
        begin: () => this.begin(),
        name: (pack) => this.name(pack),
        drop: (pack, mayGo) => this.#drop(pack, mayGo),
        keepDamaged: (digest, bytes) => quarantineBytes(this.#cache, digest, bytes),
      },
      olds,
    );
  }

  #drop(pack: Pack, mayGo: (modified: number) => boolean): boolean {
    const { path } = pack;
    const removeIndex = () => rmSync(indexPathOf(path), { force: true });
    const isWanted = (modified: number) => !mayGo(modified);
    if (!removeUnlessWanted(this.#cache, path, basename(path), isWanted, removeIndex)) return false;
    this.#packs.remove(pack);
    return true;
  }
}

/** So long it is not said again that a pack is wanted; far less than any collection waits. */
const RECENT = 60_000;
/** So many small packs are too many. */
const MANY = 200;
const ALL = (): boolean => true;
