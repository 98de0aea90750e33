import { readdirSync, readFileSync } from 'node:fs';
import { systemCode } from '../core/errors.ts';

/** Kills every process that was started with this entry (`NAME=value`) in its environment. Where that cannot be seen, does nothing. */
export function endProcessesWith(entry: string): void {
  if (process.platform !== 'linux') return;
  for (const pid of readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)) {
    if (pid !== process.pid && environmentOf(pid).split('\0').includes(entry)) kill(pid);
  }
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    // Gone meanwhile, or another user's.
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (systemCode(error) !== 'ESRCH' && systemCode(error) !== 'EPERM') throw error;
  }
}
