import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { GIT_ENV } from './sandbox.ts';

/** The built program, as a user's shell finds it. */
export const BINARY = join(import.meta.dirname, '..', '..', 'bin', 'mlops.js');

/** How a run of the real program ended. */
export interface BinaryRun {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  /** The document, when `--json` was asked for. */
  readonly json: <T>() => T;
}

/** Runs the real program in a process of its own, with the tests' Git author and no configuration of the machine's user. */
export function runBinary(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<BinaryRun> {
  const options = { cwd, env: { ...GIT_ENV, XDG_CONFIG_HOME: join(cwd, '.no-config'), ...env }, maxBuffer: 1 << 28 };
  return new Promise((resolve) => {
    execFile(process.execPath, [BINARY, ...args], options, (error, out, err) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ exitCode, out, err, json: () => JSON.parse(out) });
    });
  });
}
