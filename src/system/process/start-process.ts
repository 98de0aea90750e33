import { spawn } from 'node:child_process';
import type { ProcessListener, Program, Release } from './started-process.ts';

/** What a process may be given beside its arguments. */
export interface Attachments {
  /** Written to its stdin, which is empty otherwise. */
  readonly input?: string;
  /** Open a channel for messages to and from a Node child. */
  readonly ipc?: boolean;
  readonly onMessage?: (message: unknown) => void;
}

/** Starts a process in a group of its own. */
export function startProcess(program: Program, attachments: Attachments, listener: ProcessListener): Release {
  const { file, args, cwd, env } = program;
  const stdin = attachments.input === undefined ? 'ignore' : 'pipe';
  const child = spawn(file, args, {
    cwd,
    env,
    detached: process.platform !== 'win32',
    windowsHide: true,
    stdio: attachments.ipc === true ? [stdin, 'pipe', 'pipe', 'ipc'] : [stdin, 'pipe', 'pipe'],
  });
  child.once('error', (error) => child.pid === undefined && listener.failed(error));
  if (child.pid === undefined) return () => undefined;
  listener.started(child.pid);
  child.once('exit', (exitCode, signal) => listener.exited({ exitCode, signal }));
  // After the last messages, too.
  child.once('close', () => listener.silent());
  child.stdout?.setEncoding('utf8').on('data', (text: string) => listener.text('stdout', text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => listener.text('stderr', text));
  if (attachments.onMessage) child.on('message', attachments.onMessage);
  // A child that does not read its input closes the pipe early; that is its own business.
  child.stdin?.on('error', () => undefined).end(attachments.input);
  return () => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
}
