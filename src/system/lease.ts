import { createHash, randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { MlopsError, systemCode } from '../core/errors.ts';
import type { Report } from '../core/event.ts';
import { fileError } from './file-error.ts';
import { isKept, keepClaim, letGo, takeAtOnce } from './lease-claim.ts';
import { isAlive, type ProcessName, thisProcess } from './process-name.ts';
import { SilenceWatch } from './silence-watch.ts';
import { sweepUnfinished } from './sweep-unfinished.ts';
import { makeFolder, shareFile } from './make-folder.ts';

/** What is held, and how patient its next holder is. */
export interface LeaseOptions {
  readonly folder: string;
  readonly name: string;
  /** For messages: "the lockfile". */
  readonly what: string;
  /** 0: not at all; null: for ever. */
  readonly waitMilliseconds: number | null;
  /** Nobody holds it for more than a moment, which the impatient wait for as well. */
  readonly isBrief?: boolean;
  readonly report: Report;
  readonly signal: AbortSignal;
}

interface Held {
  readonly owner: ProcessName;
  readonly token: string;
}

const POLL = 25;
const MOMENT = 1_000;
const TOLD_AFTER = 1000;
const HEARTBEAT = 15_000;
const GUARD_DEAD_AFTER = 10_000;

/**
 * Does some work while no other process, and no other call in this one, does work under the same name. The lease of a
 * dead owner is taken over: at once where its process can be looked for, after a minute of silence elsewhere.
 */
export async function withLease<T>(options: LeaseOptions, work: () => T | Promise<T>): Promise<T> {
  const file = join(options.folder, fileName(options.name));
  const token = takeAtOnce(file, options.folder, options.signal) ?? (await take(file, options));
  const heartbeat = setInterval(() => beat(file), HEARTBEAT);
  heartbeat.unref();
  holders.set(file, heartbeat);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if (holders.get(file) === heartbeat) {
      holders.delete(file);
      if (read(file)?.token === token) rmSync(file, { force: true });
    }
    letGo(options.folder, token);
  }
}

/** Which of our calls has a lease: those that have one at the same time, or took one from another, may have the same token. */
const holders = new Map<string, NodeJS.Timeout>();

async function take(file: string, options: LeaseOptions): Promise<string> {
  const { what, waitMilliseconds, isBrief = false, report, signal, folder } = options;
  const held: Held = { owner: thisProcess(), token: randomUUID() };
  const ours = `${file}.${held.token}`;
  const started = performance.now();
  const silence = new SilenceWatch();
  let told = false;
  try {
    makeFolder(folder);
    sweepOnce(folder);
    writeFileSync(ours, JSON.stringify(held), { flag: 'wx' });
    shareFile(ours);
    for (;;) {
      if (signal.aborted) throw new MlopsError('interrupted', `Interrupted while waiting for ${what}.`);
      if (claimName(ours, file)) return keepClaim(folder, ours, held.token);
      const current = read(file);
      if (current === undefined || isDead(file, current, silence)) {
        removeDead(file, ours, current);
        if (claimName(ours, file)) return keepClaim(folder, ours, held.token);
      }
      const waited = performance.now() - started;
      const name = current === undefined ? 'another mlops' : nameOf(current);
      if (waitMilliseconds !== null && waited >= Math.max(waitMilliseconds, isBrief ? MOMENT : 0))
        throw busy(what, name, waitMilliseconds);
      if (!told && waited >= TOLD_AFTER) {
        told = true;
        report({ type: 'waiting', for: what, owner: name });
      }
      await wait(POLL, undefined, { signal }).catch(() => undefined);
    }
  } catch (error) {
    throw fileError(error, `take a lease on ${what} in ${folder}`);
  } finally {
    if (!isKept(folder, ours)) rmSync(ours, { force: true });
  }
}

const swept = new Set<string>();

/** Claims of processes that were killed before they had what they wanted. */
function sweepOnce(folder: string): void {
  if (swept.has(folder)) return;
  swept.add(folder);
  sweepUnfinished(folder, Date.now());
}

/** Linking gives the file its name with its content in it, or fails when another has the name: on network file systems too. */
function claimName(ours: string, file: string): boolean {
  try {
    linkSync(ours, file);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(systemCode(error) ?? '')) throw error;
  }
  try {
    // File systems without hard links: the content comes a moment after the name.
    writeFileSync(file, readFileSync(ours), { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a dead owner's file, under a guard: of several who found it dead, none may remove the file of the next owner. */
function removeDead(file: string, ours: string, dead: Held | undefined): void {
  const guard = `${file}.guard`;
  if (!claimName(ours, guard)) {
    const age = Date.now() - (statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > GUARD_DEAD_AFTER) rmSync(guard, { force: true });
    return;
  }
  try {
    const current = read(file);
    const unreadable = current === undefined && statSync(file, { throwIfNoEntry: false }) !== undefined;
    if (unreadable ? isOld(file) : dead !== undefined && current?.token === dead.token) rmSync(file, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

function isDead(file: string, held: Held, silence: SilenceWatch): boolean {
  const alive = isAlive(held.owner);
  return alive === null ? silence.lastsAt(file) : !alive;
}

/** A file without readable content is half written, unless it stays that way. */
function isOld(file: string): boolean {
  return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > GUARD_DEAD_AFTER;
}

function read(file: string): Held | undefined {
  try {
    const held: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isHeld(held) ? held : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isHeld(value: unknown): value is Held {
  if (typeof value !== 'object' || value === null || !('owner' in value) || !('token' in value)) return false;
  const { owner } = value;
  return typeof owner === 'object' && owner !== null && 'pid' in owner && typeof owner.pid === 'number';
}

function beat(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Whoever removed it knows why; the end of the work will tell.
  }
}

function nameOf({ owner }: Held): string {
  return owner.host === thisProcess().host ? `process ${owner.pid}` : `process ${owner.pid} on ${owner.host}`;
}

function busy(what: string, owner: string, waited: number): MlopsError {
  return new MlopsError('busy', `Another mlops (${owner}) holds ${what}.`, {
    hint: waited === 0 ? 'Leave out --no-wait to wait for it.' : 'Wait longer with --wait <time>, or end that process.',
  });
}

function fileName(name: string): string {
  const plain = encodeURIComponent(name).replaceAll('*', '%2A');
  return plain.length <= 120 ? plain : createHash('sha256').update(name).digest('hex');
}
