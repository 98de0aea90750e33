import { type Digest, hexOf } from '../../core/digest.ts';
import type { Pack } from './pack-files.ts';
import type { PackedObject } from './pack-format.ts';

/** Where an object is: which pack, and where in it. */
export type Found = readonly [Pack, PackedObject];

/**
 * Looks objects up in many packs. While few are asked for, every pack is; then a table over all of them is made, which
 * tells in one step, however many packs there are.
 */
export class PackTable {
  readonly #packs: Pack[];
  #rows = 0;
  #table: RowTable | null = null;
  /** So many packs have been asked for an object that the table does not know of. */
  #asked = 0;

  constructor(packs: Iterable<Pack>) {
    this.#packs = [...packs];
    for (const { index } of this.#packs) this.#rows += index.count;
  }

  add(pack: Pack): void {
    this.#packs.push(pack);
    this.#rows += pack.index.count;
  }

  /** Where an object is; where it was before its pack was cut off, if that may be and it is nowhere else. */
  find(digest: Digest, mayBeCut: boolean): Found | undefined {
    const first = this.#table?.packs.length ?? 0;
    this.#asked += this.#packs.length - first;
    if (this.#asked * ROWS_PER_QUESTION > this.#rows) return this.#whole().find(digest, mayBeCut);
    let found = this.#table?.find(digest, mayBeCut);
    for (let at = first; at < this.#packs.length && !isWhole(found); at++) {
      const pack = this.#packs[at];
      const object = pack?.index.find(digest);
      if (pack !== undefined && object !== undefined) found = better(found, [pack, object], mayBeCut);
    }
    return found;
  }

  /** How many objects there are, each counted once. */
  get count(): number {
    return this.#packs.length < 2 ? this.#rows : this.#whole().count;
  }

  /** Every object, once. */
  objects(): Iterable<PackedObject> {
    const [only, ...others] = this.#packs;
    return others.length === 0 ? (only?.index.objects() ?? []) : this.#whole().objects();
  }

  #whole(): RowTable {
    this.#asked = 0;
    if (this.#table?.packs.length !== this.#packs.length) this.#table = new RowTable([...this.#packs], this.#rows);
    return this.#table;
  }
}

// To ask a pack takes as long as to put so many rows into the table.
const ROWS_PER_QUESTION = 8;

/** A hash table of the rows of some packs: each is at the first free slot from where its digest says. */
class RowTable {
  readonly packs: readonly Pack[];
  /** How many objects there are, each counted once. */
  count: number;
  /** The first row of each pack, when all are counted on. */
  readonly #starts: Uint32Array;
  /** A row's number plus one, or 0. */
  readonly #slots: Uint32Array;
  readonly #keys: Uint32Array;
  /** Bits of rows whose object an earlier one has, too. */
  readonly #repeated: Uint8Array;
  readonly #mask: number;

  constructor(packs: readonly Pack[], rows: number) {
    this.packs = packs;
    this.count = rows;
    this.#starts = new Uint32Array(packs.length);
    const size = 2 ** Math.ceil(Math.log2(Math.max(16, rows * 1.5)));
    this.#mask = size - 1;
    this.#slots = new Uint32Array(size);
    this.#keys = new Uint32Array(size);
    this.#repeated = new Uint8Array((rows >>> 3) + 1);
    let start = 0;
    for (const [at, { index }] of packs.entries()) {
      this.#starts[at] = start;
      for (let row = 0; row < index.count; row++) this.#insert(at, row, start + row);
      start += index.count;
    }
  }

  find(digest: Digest, mayBeCut: boolean): Found | undefined {
    const hex = hexOf(digest);
    const key = Number.parseInt(hex.slice(0, 8), 16);
    let found: Found | undefined;
    for (let slot = key & this.#mask; !isWhole(found); slot = (slot + 1) & this.#mask) {
      const row = this.#slots[slot] ?? 0;
      if (row === 0) break;
      if (this.#keys[slot] !== key) continue;
      const at = this.#packOf(row - 1);
      const pack = this.packs[at];
      WANTED.write(hex, 'hex');
      const object = pack?.index.findAt(row - 1 - (this.#starts[at] ?? 0), WANTED, digest);
      if (pack !== undefined && object !== undefined) found = better(found, [pack, object], mayBeCut);
    }
    return found;
  }

  *objects(): Iterable<PackedObject> {
    for (const [at, { index }] of this.packs.entries()) {
      const start = this.#starts[at] ?? 0;
      for (let row = 0; row < index.count; row++) {
        if (!this.#isRepeated(start + row)) yield index.at(row);
      }
    }
  }

  #insert(at: number, row: number, number: number): void {
    const key = this.packs[at]?.index.keyAt(row) ?? 0;
    let slot = key & this.#mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & this.#mask) {
      if (this.#keys[slot] === key && this.#isSame(at, row, (this.#slots[slot] ?? 0) - 1)) {
        if (!this.#isRepeated(number)) this.count -= 1;
        this.#repeated[number >>> 3] = (this.#repeated[number >>> 3] ?? 0) | (1 << (number & 7));
      }
    }
    this.#slots[slot] = number + 1;
    this.#keys[slot] = key;
  }

  #isSame(at: number, row: number, number: number): boolean {
    const other = this.#packOf(number);
    const [mine, its] = [this.packs[at], this.packs[other]];
    if (mine === undefined || its === undefined) return false;
    return mine.index.isSameAt(row, its.index, number - (this.#starts[other] ?? 0));
  }

  #isRepeated(number: number): boolean {
    return ((this.#repeated[number >>> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }

  /** The last pack that starts at a row or before it. */
  #packOf(number: number): number {
    let [low, high] = [0, this.packs.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#starts[middle] ?? 0) <= number) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** The digest that is looked for, as bytes. */
const WANTED = Buffer.alloc(32);

function better(found: Found | undefined, other: Found, mayBeCut: boolean): Found | undefined {
  return isWhole(other) ? other : (found ?? (mayBeCut ? other : undefined));
}

function isWhole(found: Found | undefined): boolean {
  if (found === undefined) return false;
  const [{ size }, { offset, length }] = found;
  return offset + length <= size;
}
