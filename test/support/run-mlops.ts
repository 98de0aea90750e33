import { join } from 'node:path';
import type { World } from '../../src/cli/command.ts';
import type { Event } from '../../src/core/event.ts';
import { main } from '../../src/main.ts';
import { GIT_ENV } from './sandbox.ts';

/** How a command line ended, and all that could be seen of it. */
export interface MlopsRun {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  readonly events: readonly Event[];
  /** The document, when `--json` was asked for. */
  readonly json: <T>() => T;
}

/** Where a command line runs, as far as a test cares: no colours, no terminal, no configuration of the machine's user. */
export type MlopsWorld = Pick<World, 'cwd'> & Partial<World>;

/** Runs one command line in this process, as the binary would. */
export async function runMlops(world: MlopsWorld, ...argv: readonly string[]): Promise<MlopsRun> {
  let out = '';
  let err = '';
  const events: Event[] = [];
  const exitCode = await main({
    argv,
    out: (text) => (out += text),
    err: (text) => (err += text),
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 100,
    now: () => new Date(),
    signal: new AbortController().signal,
    listen: (event) => events.push(event),
    ...world,
    env: { ...GIT_ENV, XDG_CONFIG_HOME: join(world.cwd, '.no-config'), ...world.env },
  });
  return { exitCode, out, err, events, json: <T>() => JSON.parse(out) as T };
}
