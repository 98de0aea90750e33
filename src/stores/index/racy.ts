import { closeSync, fstatSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The clock of the file system that a workspace lies on, which is not always the clock of this machine. */
export interface FileClock {
  /** The time that a file changed now would get; milliseconds since 1970. */
  now(): number;
}

/** Asks a file system for its time by changing a file on it. Without the right to do so, nothing is ever older than now. */
export function openFileClock(folder: string): FileClock {
  return {
    now() {
      try {
        const fd = openIn(folder);
        writeSync(fd, '.', 0);
        return fstatSync(fd).mtimeMs;
      } catch {
        close();
        return Number.NEGATIVE_INFINITY;
      }
    },
  };
}

/** The file that was changed last. It stays open, as one is asked for the time again and again; it has no name any more. */
let last: { readonly folder: string; readonly fd: number } | null = null;

function openIn(folder: string): number {
  if (last?.folder === folder) return last.fd;
  close();
  const path = join(folder, `clock.${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const fd = openSync(path, 'w');
  last = { folder, fd };
  rmSync(path, { force: true });
  return fd;
}

function close(): void {
  if (last === null) return;
  const { fd } = last;
  last = null;
  closeSync(fd);
}

/**
 * Whether a file may change once more without its times telling: it was changed at a time that is not over yet. The time of
 * the last change cannot be set by anyone; where a file system does not keep it, the modification time stands in.
 */
export function isRacy({ mtimeMs, ctimeMs }: { mtimeMs: number; ctimeMs: number }, clock: number): boolean {
  return ctimeMs >= clock || mtimeMs === clock;
}

/** Waits until the file system's time is later than a given one, two seconds at most; returns its time then. */
export function waitForClock(clock: FileClock, time: number): number {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  let now = clock.now();
  for (let waited = 0; waited < 2000 && now <= time && Number.isFinite(now); waited++) {
    Atomics.wait(pause, 0, 0, 1);
    now = clock.now();
  }
  return now;
}
