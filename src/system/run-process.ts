import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { MlopsError, systemCode } from '../core/errors.ts';
import { isGroupOfDead } from './process-table.ts';

/** How to run one child process, and who hears what it says. */
export interface ProcessOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly onLine: (stream: 'stdout' | 'stderr', text: string) => void;
  /** Written to its stdin, which is empty otherwise. */
  readonly input?: string;
  /** How long it may take to end after it was asked to. */
  readonly graceMilliseconds?: number;
  /** Open a channel for messages to and from a Node child. */
  readonly ipc?: boolean;
  readonly onMessage?: (message: unknown) => void;
}

/** How a process ended: with a code, or killed by a signal. */
export interface ProcessExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

const GRACE = 10_000;
const LEFTOVER_GRACE = 2_000;
const PIPE_GRACE = 1_000;
const POLL = 20;

/**
 * Runs a process in a group of its own until it and all that it started have ended. When the signal aborts, the group is
 * asked to end as the tool was (SIGINT or SIGTERM), and killed after the grace period.
 */
export async function runProcess(file: string, args: readonly string[], options: ProcessOptions): Promise<ProcessExit> {
  const child = start(file, args, options);
  const grace = options.graceMilliseconds ?? GRACE;
  const lines = Promise.all([
    readLines(child.stdout, (text) => options.onLine('stdout', text)),
    readLines(child.stderr, (text) => options.onLine('stderr', text)),
    // The last messages may arrive after the exit.
    options.ipc === true ? once(child, 'disconnect') : undefined,
  ]);
  if (options.onMessage) child.on('message', options.onMessage);
  // A child that does not read its input closes the pipe early; that is its own business.
  child.stdin?.on('error', () => undefined).end(options.input);

  let ending: Promise<void> | undefined;
  const onAbort = () => {
    ending ??= endGroup(child, signalFor(options.signal), grace);
  };
  if (options.signal.aborted) onAbort();
  else options.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const exit = await exitOf(child, file, options.cwd);
    // What the process left running would write after its result was recorded.
    ending ??= endGroup(child, 'SIGTERM', Math.min(grace, LEFTOVER_GRACE));
    await ending;
    // A daemon that left the group may hold the pipes for ever.
    await Promise.race([lines, wait(PIPE_GRACE, undefined, { ref: false })]);
    return exit;
  } finally {
    options.signal.removeEventListener('abort', onAbort);
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

function start(file: string, args: readonly string[], options: ProcessOptions): ChildProcess {
  const stdin = options.input === undefined ? 'ignore' : 'pipe';
  return spawn(file, args, {
    cwd: options.cwd,
    env: options.env,
    detached: process.platform !== 'win32',
    windowsHide: true,
    stdio: options.ipc ? [stdin, 'pipe', 'pipe', 'ipc'] : [stdin, 'pipe', 'pipe'],
  });
}

function exitOf(child: ChildProcess, file: string, cwd: string): Promise<ProcessExit> {
  return new Promise((resolve, reject) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    child.once('error', (error) => {
      if (systemCode(error) === 'ENOENT') {
        const message = `Cannot start ${file} in ${cwd}: one of the two is not there.`;
        reject(new MlopsError('failed', message, { cause: error }));
      } else if (child.pid === undefined) {
        reject(new MlopsError('failed', `Cannot start ${file}: ${error.message}.`, { cause: error }));
      }
    });
  });
}

function signalFor(signal: AbortSignal): NodeJS.Signals {
  return signal.reason instanceof MlopsError && signal.reason.kind === 'interrupted' ? 'SIGINT' : 'SIGTERM';
}

/** Asks the group to end, waits for the last of it, and kills what outlives the grace period. */
async function endGroup(child: ChildProcess, signal: NodeJS.Signals, grace: number): Promise<void> {
  const { pid } = child;
  if (pid === undefined || !signalGroup(pid, signal)) return;
  const deadline = Date.now() + grace;
  while (Date.now() < deadline) {
    await wait(POLL);
    if (!signalGroup(pid, 0) || isGroupOfDead(pid)) return;
  }
  signalGroup(pid, 'SIGKILL');
}

/** Whether there was anyone left in the group to hear it. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    if (process.platform !== 'win32') return process.kill(-pid, signal);
    if (signal === 0) return process.kill(pid, 0);
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true, stdio: 'ignore' });
    return true;
  } catch (error) {
    // EPERM: the group lives on under another user, and cannot be ended by us.
    if (systemCode(error) === 'ESRCH' || systemCode(error) === 'EPERM') return false;
    throw error;
  }
}

async function readLines(stream: Readable | null, onLine: (text: string) => void): Promise<void> {
  if (stream === null) return;
  const lines = createInterface({ input: stream, crlfDelay: Infinity });
  lines.on('line', onLine);
  await once(lines, 'close');
}
