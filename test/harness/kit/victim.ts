import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BINARY } from '../../support/run-binary.ts';
import { GIT_ENV } from '../../support/sandbox.ts';

const hookIn = (file: string): string => pathToFileURL(join(import.meta.dirname, file)).href;

/** How a real process is to be disturbed: after a time, or by what `fault-hook.js` does at one of its calls. */
export type Disturbance = { readonly killAfter: number } | { readonly fault: string } | null;

/** How it ended. */
export interface Ended {
  /** Null: it was killed. */
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
  readonly milliseconds: number;
}

/** Runs the built program in a process of its own. */
export async function runVictim(cwd: string, argv: readonly string[], disturbance: Disturbance = null): Promise<Ended> {
  const fault = disturbance !== null && 'fault' in disturbance ? disturbance.fault : null;
  const hook =
    fault === null
      ? {}
      : {
          NODE_OPTIONS: `--import ${hookIn(fault.startsWith('trace ') ? 'trace-hook.js' : 'fault-hook.js')}`,
          MLOPS_FAULT: fault,
        };
  const env = { ...GIT_ENV, XDG_CONFIG_HOME: join(cwd, '.no-config'), ...hook };
  const started = performance.now();
  const child = spawn(process.execPath, [BINARY, ...argv], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const timer =
    disturbance !== null && 'killAfter' in disturbance
      ? setTimeout(() => child.kill('SIGKILL'), disturbance.killAfter)
      : undefined;
  const [exitCode] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { exitCode, out, err, milliseconds: performance.now() - started };
}
