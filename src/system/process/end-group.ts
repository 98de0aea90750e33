import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { systemCode } from '../../core/errors.ts';
import { isGroupOfDead } from '../process-table.ts';

const POLL = 20;

/** The groups that the tool has running: whoever ends it at once ends them, too. */
export const RUNNING_GROUPS = new Set<number>();

/** Kills all that the tool has running, without waiting for anything. */
export function killRunningGroups(): void {
  for (const group of RUNNING_GROUPS) signalGroup(group, 'SIGKILL');
}

/** Asks a process group to end, waits for the last of it, and kills what outlives the grace period. */
export async function endGroup(group: number, signal: NodeJS.Signals, grace: number): Promise<void> {
  if (!signalGroup(group, signal)) return;
  const deadline = Date.now() + grace;
  while (Date.now() < deadline) {
    await wait(POLL);
    if (!signalGroup(group, 0) || isGroupOfDead(group)) return;
  }
  signalGroup(group, 'SIGKILL');
}

/** Sends a group a signal; whether there was anyone left in it to hear it. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    if (process.platform !== 'win32') return process.kill(-group, signal);
    if (signal === 0) return process.kill(group, 0);
    spawn('taskkill', ['/pid', String(group), '/T', '/F'], { windowsHide: true, stdio: 'ignore' });
    return true;
  } catch (error) {
    // EPERM: the group lives on under another user, and cannot be ended by us.
    if (systemCode(error) === 'ESRCH' || systemCode(error) === 'EPERM') return false;
    throw error;
  }
}
