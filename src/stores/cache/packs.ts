import { closeSync, rmSync, statSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { isMissing } from '../../system/file-error.ts';
import { digestOf } from '../../system/hash.ts';
import { bringBack, leavingNames, removeUnlessWanted } from './leaving.ts';
import {
  type CreateFile,
  indexPathOf,
  loadPacks,
  namePack,
  objectsIn,
  openPack,
  type Pack,
  readAt,
  versionOf,
} from './pack-files.ts';
import type { PackedObject } from './pack-format.ts';
import { PackWriter, type UnnamedPack } from './pack-writer.ts';
import { quarantineBytes } from './quarantine.ts';

/** Small objects, many to a file. The indexes of all packs are in memory once one object was asked for. */
export class Packs {
  readonly #cache: string;
  readonly #folder: string;
  readonly #create: CreateFile;
  #packs: Map<string, Pack> | null = null;
  /** What the folder was when it was listed. */
  #version = '';
  /** The pack that was read from last stays open. */
  #open: { readonly name: string; readonly fd: number } | null = null;
  /** When packs were said to be wanted still. */
  readonly #refreshed = new Map<string, number>();

  constructor(cache: string, create: CreateFile) {
    this.#cache = cache;
    this.#folder = join(cache, 'packs');
    this.#create = create;
  }

  /** The size of an object, if a pack has it. What others packed meanwhile counts. */
  sizeOf(digest: Digest): number | undefined {
    return (this.#find(digest, false) ?? this.#findAgain(digest, false))?.[1].length;
  }

  /** Tells which objects are in packs now. */
  presence(): (digest: Digest) => boolean {
    if (this.#packs === null || this.#version !== versionOf(this.#folder)) this.#reload();
    return (digest) => this.#find(digest, false) !== undefined;
  }

  /** Whether a pack has the object; then its time says that it is still wanted, so that nothing collects it meanwhile. */
  refresh(digest: Digest): boolean {
    const [pack] = this.#find(digest, false) ?? [];
    if (pack === undefined) return false;
    if (Date.now() - (this.#refreshed.get(pack.name) ?? 0) >= RECENT) return this.touch(digest);
    return statSync(pack.path, { throwIfNoEntry: false }) !== undefined || this.#reload().touch(digest);
  }

  /** Puts today's date on the pack that has the object; false when none has. */
  touch(digest: Digest): boolean {
    const [pack] = this.#find(digest) ?? this.#findAgain(digest) ?? [];
    if (pack === undefined) return false;
    const now = Date.now();
    try {
      utimesSync(pack.path, new Date(now), new Date(now));
      // It may have lost its name before it got its date, and be gone.
      statSync(pack.path);
    } catch (error) {
      if (isMissing(error)) return this.#reload().#find(digest) !== undefined && this.touch(digest);
      // Another user's pack in a shared cache: whoever owns it keeps it.
    }
    this.#refreshed.set(pack.name, now);
    return true;
  }

  /** When a pack with the object was last put, or said to be wanted; milliseconds. */
  timeOf(digest: Digest): number | undefined {
    const [pack] = this.#find(digest) ?? [];
    return pack && statSync(pack.path, { throwIfNoEntry: false })?.mtimeMs;
  }

  /** Verified. What lies beside a damaged object is brought to safety, and the pack goes into quarantine. */
  read(digest: Digest): Uint8Array | 'damaged' | 'gone' {
    for (let attempt = 0; attempt < 2; attempt++) {
      const found = this.#find(digest) ?? this.#findAgain(digest);
      if (found === undefined) return 'gone';
      const bytes = this.#readFrom(...found);
      if (bytes === undefined) {
        this.#reload();
        continue;
      }
      if (bytes.length === found[1].length && digestOf(bytes) === digest) return bytes;
      this.replace(found[0], ALL, ALL);
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
    this.#packs?.set(named.name, named);
  }

  /** All packs as they are now. */
  all(): readonly Pack[] {
    return [...this.#reload().#loaded().values()];
  }

  /** Puts those objects of a pack that are sound and wanted into a new one, and what is damaged into quarantine; then the pack goes, if it may. */
  replace(pack: Pack, isWanted: (digest: Digest) => boolean, mayGo: (modified: number) => boolean): boolean {
    const writer = this.begin();
    let name: string | undefined;
    try {
      for (const object of objectsIn(pack)) {
        if (!isWanted(object.digest)) continue;
        const bytes = this.#readFrom(pack, object);
        if (bytes === undefined) return false;
        if (digestOf(bytes) === object.digest) writer.add(object.digest, bytes);
        else quarantineBytes(this.#cache, object.digest, bytes);
      }
      this.#close();
      if (writer.count > 0) {
        const finished = writer.finish();
        ({ name } = finished);
        this.name(finished);
      }
    } finally {
      const left = writer.abandon();
      if (left !== undefined) rmSync(left, { force: true });
    }
    // Only its own index was damaged: then the new pack has taken its place already.
    return name === pack.name || this.#drop(pack, mayGo);
  }

  #drop({ name, path }: Pack, mayGo: (modified: number) => boolean): boolean {
    const removeIndex = () => rmSync(indexPathOf(path), { force: true });
    const isWanted = (modified: number) => !mayGo(modified);
    if (!removeUnlessWanted(this.#cache, path, basename(path), isWanted, removeIndex)) return false;
    this.#packs?.delete(name);
    return true;
  }

  /** Where an object is; where it was before its pack was cut off, if that may be and it is nowhere else. */
  #find(digest: Digest, mayBeCut = true): [Pack, PackedObject] | undefined {
    let cut: [Pack, PackedObject] | undefined;
    for (const pack of this.#loaded().values()) {
      const found = pack.index.find(digest);
      if (found !== undefined && found.offset + found.length <= pack.size) return [pack, found];
      if (found !== undefined && mayBeCut) cut ??= [pack, found];
    }
    return cut;
  }

  /** What others packed meanwhile. */
  #findAgain(digest: Digest, mayBeCut = true): [Pack, PackedObject] | undefined {
    return this.#version === versionOf(this.#folder) ? undefined : this.#reload().#find(digest, mayBeCut);
  }

  #readFrom(pack: Pack, { offset, length }: PackedObject): Uint8Array | undefined {
    if (this.#open?.name !== pack.name) {
      this.#close();
      const fd = openPack(pack.path);
      if (fd === undefined) return undefined;
      this.#open = { name: pack.name, fd };
    }
    return readAt(this.#open.fd, offset, length);
  }

  #close(): void {
    if (this.#open !== null) closeSync(this.#open.fd);
    this.#open = null;
  }

  #loaded(): Map<string, Pack> {
    return this.#packs ?? this.#reload().#packs ?? new Map();
  }

  #reload(): this {
    for (const name of leavingNames(this.#cache)) {
      if (name.endsWith('.pack')) bringBack(this.#cache, name, join(this.#folder, name));
    }
    this.#version = versionOf(this.#folder);
    this.#packs = loadPacks(this.#folder, this.#packs ?? new Map(), this.#create);
    return this;
  }
}

/** So long it is not said again that a pack is wanted; far less than any collection waits. */
const RECENT = 60_000;
const ALL = (): boolean => true;
