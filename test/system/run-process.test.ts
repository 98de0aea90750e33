import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MlopsError } from '../../src/core/errors.ts';
import { runProcess, type ProcessOptions } from '../../src/system/run-process.ts';
import { createFolder } from '../support/sandbox.ts';

const options = (more: Partial<ProcessOptions> = {}): ProcessOptions => ({
  cwd: '/',
  env: process.env,
  signal: new AbortController().signal,
  onLine: () => undefined,
  ...more,
});
const sh = (script: string, more: Partial<ProcessOptions> = {}) => runProcess('sh', ['-c', script], options(more));

test('lines arrive whole, by stream, whatever the pieces they were written in', async () => {
  const lines: string[] = [];
  const exit = await sh(`printf 'on'; printf 'e\\ntwo\\r\\nthr'; printf 'ee'; printf 'oops ✓\\n' >&2`, {
    onLine: (stream, text) => lines.push(`${stream}: ${text}`),
  });
  expect(exit).toEqual({ exitCode: 0, signal: null });
  expect(lines.filter((line) => line.startsWith('stdout'))).toEqual(['stdout: one', 'stdout: two', 'stdout: three']);
  expect(lines).toContain('stderr: oops ✓');
});

test('an exit code and a deadly signal are told as what they are', async () => {
  expect(await sh('exit 7')).toEqual({ exitCode: 7, signal: null });
  expect(await sh('kill -9 $$')).toEqual({ exitCode: null, signal: 'SIGKILL' });
});

test('input is read to its end, or not at all', async () => {
  const lines: string[] = [];
  await sh('cat', { input: 'a\nb\n', onLine: (_, text) => lines.push(text) });
  expect(lines).toEqual(['a', 'b']);
  expect(await sh('exec 0<&-; exit 0', { input: 'x'.repeat(1 << 20) })).toEqual({ exitCode: 0, signal: null });
});

test('a program that is not there is told by name', async () => {
  await expect(runProcess('no-such-program', [], options())).rejects.toThrow(
    expect.objectContaining({ kind: 'failed', message: expect.stringContaining('no-such-program') }),
  );
});

test('a folder that is not there is told too', async () => {
  await expect(sh('true', { cwd: '/no/such/folder' })).rejects.toThrow(MlopsError);
});

test('Ctrl-C reaches the process as SIGINT, anything else as SIGTERM', async () => {
  const script = `trap 'echo INT; exit 3' INT; trap 'echo TERM; exit 4' TERM; echo ready; while :; do sleep 0.01; done`;
  for (const [reason, said, code] of [
    [new MlopsError('interrupted', 'Interrupted.'), 'INT', 3],
    [new MlopsError('terminated', 'Terminated.'), 'TERM', 4],
  ] as const) {
    const controller = new AbortController();
    const lines: string[] = [];
    const exit = await sh(script, {
      signal: controller.signal,
      onLine: (stream, text) => {
        if (stream === 'stdout') lines.push(text);
        if (text === 'ready') controller.abort(reason);
      },
    });
    expect(lines.at(-1)).toBe(said);
    expect(exit.exitCode).toBe(code);
  }
});

test('grandchildren that ignore every request are killed with the group after the grace period', async () => {
  const folder = await createFolder();
  const controller = new AbortController();
  const stubborn = `trap '' INT TERM; echo $$ > ${folder}/pid; echo ready; while :; do sleep 0.01; done`;
  await sh(`sh -c "${stubborn.replace(/\$/g, '\\$')}" & wait`, {
    signal: controller.signal,
    graceMilliseconds: 100,
    onLine: (_, text) => text === 'ready' && controller.abort(),
  });
  expect(isAlive(Number(await readFile(join(folder, 'pid'), 'utf8')))).toBe(false);
});

test('what a process leaves running is ended with it', async () => {
  const folder = await createFolder();
  const exit = await sh(`sleep 1000 & echo $! > ${folder}/pid`);
  expect(exit.exitCode).toBe(0);
  expect(isAlive(Number(await readFile(join(folder, 'pid'), 'utf8')))).toBe(false);
});

test('messages of a Node child arrive', async () => {
  const messages: unknown[] = [];
  await runProcess(process.execPath, ['-e', 'process.send({ epoch: 1 }, () => process.disconnect())'], {
    ...options(),
    ipc: true,
    onMessage: (message) => messages.push(message),
  });
  expect(messages).toEqual([{ epoch: 1 }]);
});

/** A process that died and was not yet collected by its parent counts as dead. */
function isAlive(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}
