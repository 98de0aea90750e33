import { setTimeout as wait } from 'node:timers/promises';
import { MlopsError, systemCode } from '../core/errors.ts';
import { LineSplitter } from './process/line-splitter.ts';
import { endGroup, RUNNING_GROUPS } from './process/end-group.ts';
import { startHosted } from './process/start-hosted.ts';
import { startProcess, type Attachments } from './process/start-process.ts';
import type { OutputName, ProcessExit, ProcessListener, Program, Release } from './process/started-process.ts';
import { startWatching, unwatchGroup, watchGroup } from './process/watch-groups.ts';

/** How to run one child process, and who hears what it says. */
export interface ProcessOptions extends Attachments {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly onLine: (stream: OutputName, text: string) => void;
  /** How long it may take to end after it was asked to. */
  readonly graceMilliseconds?: number;
}

const GRACE = 10_000;
const LEFTOVER_GRACE = 2_000;
const PIPE_GRACE = 1_000;

/**
 * Runs a process in a group of its own until it and all that it started have ended. When the signal aborts, the group is
 * asked to end as the tool was (SIGINT or SIGTERM), and killed after the grace period.
 */
export async function runProcess(file: string, args: readonly string[], options: ProcessOptions): Promise<ProcessExit> {
  const { cwd, env, signal, onLine, graceMilliseconds: grace = GRACE } = options;
  const lines = {
    stdout: new LineSplitter((text) => onLine('stdout', text)),
    stderr: new LineSplitter((text) => onLine('stderr', text)),
  };
  let group: number | undefined;
  let ending: Promise<void> | undefined;
  const end = (how: NodeJS.Signals, within: number) => {
    if (group !== undefined) ending ??= endGroup(group, how, within);
    return ending;
  };
  const onAbort = () => void end(signalFor(signal), grace);
  let release: Release = () => undefined;
  let onSilence: () => void = () => undefined;
  const silence = new Promise<void>((resolve) => (onSilence = resolve));
  signal.addEventListener('abort', onAbort, { once: true });
  startWatching();
  try {
    const exit = await new Promise<ProcessExit>((exited, failed) => {
      release = start({ file, args, cwd, env }, options, {
        started(pid) {
          group = pid;
          RUNNING_GROUPS.add(pid);
          watchGroup(pid);
          if (signal.aborted) onAbort();
        },
        text: (stream, text) => lines[stream].add(text),
        exited,
        failed: (error) => failed(startError(error, file, cwd)),
        silent: onSilence,
      });
    });
    // What the process left running would write after its result was recorded.
    await end('SIGTERM', Math.min(grace, LEFTOVER_GRACE));
    // A daemon that left the group may hold the pipes for ever.
    await Promise.race([silence, wait(PIPE_GRACE, undefined, { ref: false })]);
    lines.stdout.end();
    lines.stderr.end();
    return exit;
  } catch (error) {
    // Of what was started, and nobody can tell any more how it ends, nothing is left.
    await end('SIGKILL', grace);
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (group !== undefined) {
      RUNNING_GROUPS.delete(group);
      unwatchGroup(group);
    }
    release();
  }
}

function start(program: Program, attachments: Attachments, listener: ProcessListener): Release {
  const isPlain = attachments.input === undefined && attachments.ipc !== true;
  return (isPlain ? startHosted(program, listener) : null) ?? startProcess(program, attachments, listener);
}

function startError(error: Error, file: string, cwd: string): MlopsError {
  const message =
    systemCode(error) === 'ENOENT'
      ? `Cannot start ${file} in ${cwd}: one of the two is not there.`
      : `Cannot start ${file}: ${error.message}.`;
  return new MlopsError('failed', message, { cause: error });
}

function signalFor(signal: AbortSignal): NodeJS.Signals {
  return signal.reason instanceof MlopsError && signal.reason.kind === 'interrupted' ? 'SIGINT' : 'SIGTERM';
}
