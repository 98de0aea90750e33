import { readdirSync, readFileSync } from 'node:fs';
import { systemCode } from '../core/errors.ts';

/** Whether all that is left of a process group has died and only waits to be collected. False where that cannot be seen. */
export function isGroupOfDead(group: number): boolean {
  const members = processes().flatMap((pid) => {
    // `pid (name) state parent group …`, where the name may hold spaces and brackets.
    const text = readProc(pid, 'stat');
    const [state, , memberOf] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return Number(memberOf) === group ? [state] : [];
  });
  return members.length > 0 && members.every((state) => state === 'Z' || state === 'X');
}

/** Kills every process that was started with this entry (`NAME=value`) in its environment. Where that cannot be seen, does nothing. */
export function endProcessesWith(entry: string): void {
  for (const pid of processes()) {
    if (pid !== process.pid && readProc(pid, 'environ').split('\0').includes(entry)) kill(pid);
  }
}

function processes(): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readProc(pid: number, file: 'stat' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
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
