import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BINARY } from '../support/run-binary.ts';
import { createSandbox, GIT_ENV } from '../support/sandbox.ts';

const noTerminal = spawnSync('script', ['--version']).error !== undefined || process.platform !== 'linux';

/** Runs the program as in a terminal, and types what the answer function returns for what is on the screen. */
async function inTerminal(cwd: string, command: string, answer: (screen: string) => string | undefined, env = {}) {
  const line = `"${process.execPath}" "${BINARY}" ${command}`;
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd,
    // In CI a terminal gets plain lines; here a person sits before it.
    env: { ...GIT_ENV, CI: undefined, TERM: 'xterm-256color', ...env },
  });
  onTestFinished(() => void child.kill());
  let screen = '';
  child.stdout.on('data', (chunk) => {
    screen += String(chunk);
    const typed = answer(screen);
    if (typed !== undefined) child.stdin.write(typed);
  });
  const [exitCode] = (await once(child, 'close')) as [number];
  return { screen, exitCode };
}

describe.skipIf(noTerminal)('in a terminal', () => {
  test('a long stage that says nothing is seen to run, and Ctrl-C ends it in good order', async () => {
    const { root, exists } = await createSandbox({
      '.mlops.yaml': 'stages:\n  long: { cmd: "sleep 600; echo 1 > out", outs: [out] }\n',
    });
    let isTyped = false;
    const { screen, exitCode } = await inTerminal(root, 'repro', (shown) => {
      if (isTyped || !shown.includes('Running long')) return undefined;
      isTyped = true;
      return '\u0003';
    });
    expect(screen).toMatch(/Interrupted.*: stage long/);
    expect(screen).toContain('The previous outputs are in place; go on with: mlops repro');
    expect(exitCode).toBe(130);
    // The cursor that the spinner hid is back.
    expect(screen.lastIndexOf('\u001B[?25h')).toBeGreaterThan(screen.lastIndexOf('\u001B[?25l'));
    expect(exists('.mlops/tmp/journal')).toBe(false);
  });

  test('NO_COLOR leaves no colour, in the spinner neither', async () => {
    const { root } = await createSandbox({ '.mlops.yaml': 'stages:\n  s: { cmd: "sleep 0.8" }\n' });
    const { screen } = await inTerminal(root, 'repro', () => undefined, { NO_COLOR: '1' });
    expect(screen).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] Running s/);
    expect(screen.split('\u001B[').filter((part) => /^[0-9;]*m/.test(part))).toEqual([]);
  });
});
