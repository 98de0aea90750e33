import { join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { bringBack, leavingNames } from './leaving.ts';
import { type CreateFile, loadPacks, type Pack, versionOf } from './pack-files.ts';
import type { PackedObject } from './pack-format.ts';
import { type Found, PackTable } from './pack-table.ts';

/** The packs of a cache as far as they are known: their indexes are in memory once one object was asked for. */
export class LoadedPacks {
  readonly #cache: string;
  readonly #folder: string;
  readonly #create: CreateFile;
  #packs: Map<string, Pack> | null = null;
  /** Over all of them, once something was looked up. */
  #table: PackTable | null = null;
  /** What the folder was when it was listed. */
  #version = '';

  constructor(cache: string, folder: string, create: CreateFile) {
    this.#cache = cache;
    this.#folder = folder;
    this.#create = create;
  }

  /** Where an object is; where it was before its pack was cut off, if that may be and it is nowhere else. */
  find(digest: Digest, mayBeCut = true): Found | undefined {
    return this.#lookUp().find(digest, mayBeCut);
  }

  /** The same, and what others packed meanwhile counts. */
  findNow(digest: Digest, mayBeCut = true): Found | undefined {
    const found = this.find(digest, mayBeCut);
    return found === undefined && !this.#isCurrent() ? this.reload().find(digest, mayBeCut) : found;
  }

  /** Tells which objects are in packs now. */
  presence(): (digest: Digest) => boolean {
    if (!this.#isCurrent()) this.reload();
    return (digest) => this.find(digest, false) !== undefined;
  }

  /** Every object that is in a pack now, once. */
  objects(): Iterable<PackedObject> {
    return this.reload().#lookUp().objects();
  }

  /** How many objects there are. */
  get count(): number {
    return this.#lookUp().count;
  }

  /** All packs as they are now. */
  all(): readonly Pack[] {
    return [...this.reload().#loaded().values()];
  }

  add(pack: Pack): void {
    if (this.#packs?.has(pack.name) === true) this.#table = null;
    else this.#table?.add(pack);
    this.#packs?.set(pack.name, pack);
  }

  remove({ name }: Pack): void {
    this.#packs?.delete(name);
    this.#table = null;
  }

  /** Looks which packs there are. What a collection was about to remove is there as well. */
  reload(): this {
    for (const name of leavingNames(this.#cache)) {
      if (name.endsWith('.pack')) bringBack(this.#cache, name, join(this.#folder, name));
    }
    this.#version = versionOf(this.#folder);
    const known = this.#packs ?? new Map<string, Pack>();
    this.#packs = loadPacks(this.#folder, known, this.#create);
    if (!areSame(known, this.#packs)) this.#table = null;
    return this;
  }

  #isCurrent(): boolean {
    return this.#packs !== null && this.#version === versionOf(this.#folder);
  }

  #lookUp(): PackTable {
    return (this.#table ??= new PackTable(this.#loaded().values()));
  }

  #loaded(): Map<string, Pack> {
    return this.#packs ?? this.reload().#packs ?? new Map();
  }
}

function areSame(before: ReadonlyMap<string, Pack>, after: ReadonlyMap<string, Pack>): boolean {
  return before.size === after.size && [...after.values()].every((pack) => before.get(pack.name) === pack);
}
