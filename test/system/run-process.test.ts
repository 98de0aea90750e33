import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
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
const run = (script: string, more: Partial<ProcessOptions> = {}) => runProcess('sh', ['-c', script], options(more));

async function outputOf(script: string, more: Partial<ProcessOptions> = {}): Promise<string[]> {
  const lines: string[] = [];
  await run(script, { ...more, onLine: (_, text) => lines.push(text) });
  return lines;
}

/** Whoever has started many processes has a host that starts the others. */
beforeAll(async () => {
  for (let count = 0; count < 24; count++) await run('true');
});

test('from some number of processes on, a small one starts the others', async () => {
  expect(await outputOf('echo $PPID')).not.toEqual([String(process.pid)]);
});

// Only who has nothing to write to a process leaves it to the host.
describe.each([
  ['by the tool itself', { input: '' }],
  ['by a host', {}],
])('started %s', (_, how) => {
  const sh = (script: string, more: Partial<ProcessOptions> = {}) => run(script, { ...how, ...more });

  test('lines arrive whole, by stream, whatever the pieces they were written in', async () => {
    const lines: string[] = [];
    const exit = await sh(`printf 'on'; printf 'e\\ntwo\\r\\nthr'; printf 'ee'; printf 'oops ✓\\n' >&2`, {
      onLine: (stream, text) => lines.push(`${stream}: ${text}`),
    });
    expect(exit).toEqual({ exitCode: 0, signal: null });
    expect(lines.filter((line) => line.startsWith('stdout'))).toEqual(['stdout: one', 'stdout: two', 'stdout: three']);
    expect(lines).toContain('stderr: oops ✓');
  });

  test('not a line of many is lost', async () => {
    const lines = await outputOf('i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done; printf end', how);
    expect(lines).toEqual([...Array.from({ length: 20_000 }, (_, at) => String(at)), 'end']);
  });

  test('an exit code and a deadly signal are told as what they are', async () => {
    expect(await sh('exit 7')).toEqual({ exitCode: 7, signal: null });
    expect(await sh('kill -9 $$')).toEqual({ exitCode: null, signal: 'SIGKILL' });
  });

  test('it has the folder and exactly the environment that it was given, and a group of its own', async () => {
    const folder = await createFolder();
    const env = { PATH: process.env['PATH'], NAME: 'a "value"\nof two lines ✓', NONE: undefined };
    const lines = await outputOf('pwd; env | sort; ps -o pgid= -p $$ | tr -d " "; echo $$', {
      ...how,
      cwd: folder,
      env,
    });
    const [group, pid] = lines.slice(-2);
    expect(group).toBe(pid);
    const own = lines.slice(0, -2).filter((line) => !/^(_|PWD|OLDPWD|SHLVL)=/.test(line));
    expect(own.toSorted()).toEqual(
      [folder, 'NAME=a "value"', 'of two lines ✓', `PATH=${process.env['PATH']}`].toSorted(),
    );
  });

  test('a program that is not there is told by name', async () => {
    await expect(runProcess('no-such-program', [], options(how))).rejects.toThrow(
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

  test('what is ended before it has begun ends', async () => {
    expect(await sh('sleep 1000', { signal: AbortSignal.abort() })).toEqual({ exitCode: null, signal: 'SIGTERM' });
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
});

test('input is read to its end, or not at all', async () => {
  expect(await outputOf('cat', { input: 'a\nb\n' })).toEqual(['a', 'b']);
  expect(await run('exec 0<&-; exit 0', { input: 'x'.repeat(1 << 20) })).toEqual({ exitCode: 0, signal: null });
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

test('when the host is killed, what it had started ends, is told as failed, and the next is started without it', async () => {
  let pid = 0;
  const running = run('echo $PPID; echo $$; sleep 1000 & wait', {
    onLine: (_, text) => {
      if (pid === 0) process.kill(Number(text), 'SIGKILL');
      pid = Number(text);
    },
  });
  await expect(running).rejects.toThrow(expect.objectContaining({ kind: 'failed' }));
  expect(isAlive(pid)).toBe(false);
  expect(await outputOf('echo $PPID')).toEqual([String(process.pid)]);
});

/** A process that died and was not yet collected by its parent counts as dead. */
function isAlive(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}
