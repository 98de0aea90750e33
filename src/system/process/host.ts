import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { systemCode } from '../../core/errors.ts';
import type { HostNews, HostOrder } from './host-messages.ts';
import type { OutputName, Program } from './started-process.ts';

// The entry of a process that starts processes for another, and tells it what becomes of them. When that other one is gone,
// however it went, all that was started ends at once.

const children = new Map<number, ChildProcessByStdio<null, Readable, Readable>>();

process.on('message', (order: HostOrder) => {
  if (order.type === 'start') start(order.id, order);
  else release(order.id);
});
process.on('disconnect', () => {
  for (const { pid } of children.values()) killGroup(pid);
  process.exit();
});

function start(id: number, { file, args, cwd, env }: Program): void {
  try {
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    child.once('error', (error) => child.pid === undefined && fail(id, error));
    if (child.pid === undefined) return;
    children.set(id, child);
    tell({ type: 'started', id, pid: child.pid });
    child.once('exit', (exitCode, signal) => tell({ type: 'exit', id, exitCode, signal }));
    child.once('close', () => {
      children.delete(id);
      tell({ type: 'silence', id });
    });
    pass(id, 'stdout', child.stdout);
    pass(id, 'stderr', child.stderr);
  } catch (error) {
    fail(id, error);
  }
}

function fail(id: number, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  tell({ type: 'failed', id, code: systemCode(error), message });
}

function pass(id: number, stream: OutputName, from: Readable): void {
  from.setEncoding('utf8').on('data', (text: string) => {
    // Who writes faster than he is read has to wait, or this process would grow.
    if (!tell({ type: 'text', id, stream, text }, () => from.resume())) from.pause();
  });
}

function release(id: number): void {
  const child = children.get(id);
  child?.stdout.destroy();
  child?.stderr.destroy();
}

// A teller that is gone is told by the end of the channel, and by no error.
function tell(news: HostNews, then?: () => void): boolean {
  return process.connected && process.send?.(news, undefined, undefined, () => then?.()) === true;
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
