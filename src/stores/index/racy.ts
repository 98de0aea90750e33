import { closeSync, fstatSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The clock of the file system that a workspace lies on, which is not always the clock of this machine. */
export interface FileClock {
  /** The time that a file changed now would get; milliseconds since 1970. */
  now(): number;
}

/** Asks a file system for its time by changing a file on it. Without the right to do so, nothing is ever older than now. */
export function openFileClock(folder: string): FileClock {
  const path = join(folder, `clock.${process.pid}`);
  return {
    now() {
      let fd: number | undefined;
      try {
        mkdirSync(folder, { recursive: true });
        fd = openSync(path, 'w');
        writeSync(fd, '.');
        return fstatSync(fd).mtimeMs;
      } catch {
        return Number.NEGATIVE_INFINITY;
      } finally {
        if (fd !== undefined) closeSync(fd);
        rmSync(path, { force: true });
      }
    },
  };
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
