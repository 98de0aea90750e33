import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type Digest, digestFromHex, hexOf } from '../../core/digest.ts';
import { digestOf, isSameFile } from '../hash.ts';

/** The small files of a folder that are to be read and hashed, in ranges that whoever is free takes from a shared counter. */
export interface FileJob {
  /** Absolute. */
  readonly folder: string;
  readonly names: readonly string[];
  /** The next range; then the state of each; then the slot of each. */
  readonly control: Int32Array;
  /** For each file: whether it was read, and what it was. */
  readonly stats: Float64Array;
  readonly digests: Buffer;
  readonly slots: Slots;
}

/** Room for the bytes of one range each, shared by all jobs. */
export interface Slots {
  /** 1: somebody has it. */
  readonly taken: Int32Array;
  readonly bytes: Buffer;
}

/** A file as it was while it was read. */
export interface FileRead {
  readonly stat: {
    readonly mtimeMs: number;
    readonly ctimeMs: number;
    readonly size: number;
    readonly ino: number;
    readonly mode: number;
  };
  readonly digest: Digest;
  /** Good until the next file is asked for. */
  readonly bytes: Uint8Array;
}

/** So many files are taken at a time. */
export const FILES_PER_RANGE = 32;
/** So many bytes they may have together; what goes beyond is left to others. */
export const SLOT_BYTES = 1 << 20;

const DIGEST = 32;
const NUMBERS = 7;
const [NEXT, STATES] = [0, 1];
const [UNTOUCHED, CLAIMED, DONE, LEFT] = [0, 1, 2, 3];

/** A job for the files of a folder. */
export function createJob(folder: string, names: readonly string[], slots: Slots): FileJob {
  const ranges = Math.ceil(names.length / FILES_PER_RANGE);
  return {
    folder,
    names,
    control: new Int32Array(new SharedArrayBuffer(4 * (STATES + 2 * ranges))),
    stats: new Float64Array(new SharedArrayBuffer(8 * NUMBERS * names.length)),
    digests: Buffer.from(new SharedArrayBuffer(DIGEST * names.length)),
    slots,
  };
}

/** Room for so many ranges. Aligned to pages, since some processors read four times slower into other memory. */
export function createSlots(count: number): Slots {
  const pages = (count * SLOT_BYTES) / 65_536;
  return {
    taken: new Int32Array(new SharedArrayBuffer(4 * count)),
    bytes: Buffer.from(new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }).buffer),
  };
}

/** Takes a free slot; undefined when there is none. */
export function takeSlot({ taken }: Slots): number | undefined {
  for (let slot = 0; slot < taken.length; slot++) {
    if (Atomics.compareExchange(taken, slot, 0, 1) === 0) return slot;
  }
  return undefined;
}

/** Gives a slot to whoever waits for one. */
export function giveSlot({ taken }: Slots, slot: number): void {
  Atomics.store(taken, slot, 0);
  Atomics.notify(taken, 0);
}

/** Reads the next range that nobody has taken. The slot is the range's then, or given back; false when all ranges are taken. */
export function readNextRange(job: FileJob, slot: number): boolean {
  const { control, names, slots } = job;
  const range = Atomics.add(control, NEXT, 1);
  const first = range * FILES_PER_RANGE;
  const state = STATES + range;
  if (first >= names.length || Atomics.compareExchange(control, state, UNTOUCHED, CLAIMED) !== UNTOUCHED) {
    giveSlot(slots, slot);
    return first < names.length;
  }
  Atomics.store(control, STATES + rangesOf(job) + range, slot);
  let used = 0;
  for (let at = first; at < Math.min(names.length, first + FILES_PER_RANGE); at++) {
    used += readFile(job, at, slot * SLOT_BYTES, used);
  }
  if (Atomics.compareExchange(control, state, CLAIMED, DONE) === LEFT) giveSlot(slots, slot);
  Atomics.notify(control, state);
  return true;
}

/** Nobody wants the files of a range any more: its slot is given back, by whoever reads it if it is read just now. */
export function leaveRange(job: FileJob, range: number): void {
  const before = Atomics.exchange(job.control, STATES + range, LEFT);
  if (before === DONE) giveSlot(job.slots, Atomics.load(job.control, STATES + rangesOf(job) + range));
}

/** Nobody wants the files of a job any more. */
export function leaveJob(job: FileJob): void {
  Atomics.store(job.control, NEXT, job.names.length);
  for (let range = 0; range < rangesOf(job); range++) leaveRange(job, range);
}

/** Whether all ranges are taken. */
export function isTaken({ control, names }: FileJob): boolean {
  return Atomics.load(control, NEXT) * FILES_PER_RANGE >= names.length;
}

/** The slot with the bytes of a file's range; `reading` while somebody reads them, undefined when nobody has begun. */
export function slotOf(job: FileJob, at: number): number | 'reading' | undefined {
  const range = Math.floor(at / FILES_PER_RANGE);
  const state = Atomics.load(job.control, STATES + range);
  if (state === DONE) return Atomics.load(job.control, STATES + rangesOf(job) + range);
  return state === CLAIMED ? 'reading' : undefined;
}

/** Waits until the range of a file is read, for so many milliseconds. */
export function waitForRange({ control }: FileJob, at: number, milliseconds: number): void {
  Atomics.wait(control, STATES + Math.floor(at / FILES_PER_RANGE), CLAIMED, milliseconds);
}

/** What was read of a file into its slot; undefined when it could not be read as it should: whoever reads it again sees why. */
export function readIn({ stats, digests, slots }: FileJob, at: number, slot: number): FileRead | undefined {
  // Number by number: taking an array apart costs more than all the rest.
  const row = at * NUMBERS;
  if (stats[row] !== 1) return undefined;
  const size = stats[row + 3] ?? 0;
  const start = slot * SLOT_BYTES + (stats[row + 6] ?? 0);
  return {
    stat: {
      mtimeMs: stats[row + 1] ?? 0,
      ctimeMs: stats[row + 2] ?? 0,
      size,
      ino: stats[row + 4] ?? 0,
      mode: stats[row + 5] ?? 0,
    },
    digest: digestFromHex(digests.toString('hex', at * DIGEST, (at + 1) * DIGEST)),
    bytes: slots.bytes.subarray(start, start + size),
  };
}

/** Returns how many bytes of the slot it took. */
function readFile({ folder, names, stats, digests, slots }: FileJob, at: number, start: number, used: number): number {
  let fd: number | undefined;
  try {
    fd = openSync(`${folder}/${names[at] ?? ''}`, FLAGS);
    const before = fstatSync(fd);
    const { size } = before;
    if (!before.isFile() || size > SLOT_BYTES - used) return 0;
    const bytes = slots.bytes.subarray(start + used, start + used + size);
    if (size > 0 && readSync(fd, bytes, 0, size, null) !== size) return 0;
    const after = fstatSync(fd);
    if (!isSameFile(before, after)) return 0;
    digests.write(hexOf(digestOf(bytes)), at * DIGEST, 'hex');
    const row = at * NUMBERS;
    stats[row] = 1;
    stats[row + 1] = after.mtimeMs;
    stats[row + 2] = after.ctimeMs;
    stats[row + 3] = size;
    stats[row + 4] = after.ino;
    stats[row + 5] = after.mode;
    stats[row + 6] = used;
    return size;
  } catch {
    return 0;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

// Links are not followed, and a pipe that took a file's place is not waited for.
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

function rangesOf({ names }: FileJob): number {
  return Math.ceil(names.length / FILES_PER_RANGE);
}
