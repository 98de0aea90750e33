import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isMissing } from './file-error.ts';

const DAY = 24 * 3600 * 1000;

/** How unfinished work is called: by chance, often with the process in front, or by what it is and the process. */
const UNFINISHED =
  /^(?:(?:(?<maker>\d+)\.|.*\.)?[0-9a-f]{8}-[0-9a-f-]{27}(?:\.\d+)?|(?:clock|pipeline)\.(?<owner>\d+))$/;

/** Removes what processes that are gone left unfinished in a folder more than a day ago. */
export function sweepUnfinished(folder: string, now: number): void {
  for (const name of namesIn(folder)) {
    const { groups } = UNFINISHED.exec(name) ?? {};
    if (groups === undefined) continue;
    const path = join(folder, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined || now - stat.mtimeMs < DAY) continue;
    if (isRunning(Number(groups['maker'] ?? groups['owner']))) continue;
    rmSync(path, { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
