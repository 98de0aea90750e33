import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isInterruption, MlopsError } from '../core/errors.ts';
import { findRoot } from '../project/root.ts';
import type { Project, Surroundings } from '../project/project.ts';
import type { Command, CommandEntry, Context, Input, Outcome, World } from './command.ts';
import { findCommand } from './find-command.ts';
import { lookOf } from './global-options.ts';
import { errorEvent, exitCodeOf, foreseen, renderError } from './output/error.ts';
import { createTerminal, type Terminal } from './output/terminal.ts';
import { type Style, styleIn } from './output/style.ts';
import type { ParsedOptions } from './parse-input.ts';
import { createView } from './progress/index.ts';
import type { View } from './progress/view.ts';

/** What a command line is run with. */
export interface Tools {
  readonly commands: readonly CommandEntry[];
  readonly openProject: (cwd: string, surroundings: Surroundings) => Promise<Project>;
}

type Ended = Pick<Outcome, 'exitCode' | 'result'>;

/** Runs one command line, from argv to exit code. Never throws and never ends the process. */
export async function runCommandLine(world: World, tools: Tools): Promise<Ended> {
  const look = lookOf(world);
  const terminal = await createTerminal(world, look);
  const view = createView(world, look, terminal);
  let { cwd } = world;
  const fail = (error: unknown, result?: unknown): Ended => {
    view.close();
    const known = foreseen(error, world.signal);
    if (look.json) terminal.note(JSON.stringify(errorEvent(known)));
    else terminal.note(renderError(known, styleIn(terminal.errStyle, findRoot(cwd) ?? cwd, cwd), look.verbose));
    return { exitCode: exitCodeOf(known), result };
  };

  try {
    const found = findCommand(world.argv, tools.commands);
    const wantsHelp = asksForHelp(found.rest);
    if (found.type !== 'command' && !wantsHelp) {
      const { refuseUnknownOptions } = await import('./parse-input.ts');
      refuseUnknownOptions(found.type === 'group' ? found.name : '', found.rest);
    }
    if (found.type !== 'command' || wantsHelp) {
      const { helpFor } = await import('./help.ts');
      terminal.result(await helpFor(found, tools.commands, terminal.outStyle));
      return { exitCode: 0, result: undefined };
    }
    const command = await found.entry.load();
    const { parseInput } = await import('./parse-input.ts');
    const input = parseInput(command, found.rest);
    cwd = startFolder(world.cwd, input.options.cd);
    const { result, problem, style } = await runCommand(command, { ...input, cwd }, { world, tools, view, terminal });
    view.close();
    terminal.result(look.json ? JSON.stringify(result, null, 2) : command.render(result, style, input.options));
    const ending =
      world.signal.aborted && (problem === null || !isInterruption(problem)) ? world.signal.reason : problem;
    return ending === null ? { exitCode: 0, result } : fail(ending, result);
  } catch (error) {
    return fail(error);
  }
}

async function runCommand(
  command: Command,
  { cwd, ...input }: Input<ParsedOptions> & { readonly cwd: string },
  { world, tools, view, terminal }: { world: World; tools: Tools; view: View; terminal: Terminal },
): Promise<{ result: unknown; problem: MlopsError | null; style: Style }> {
  const { env, now, signal } = world;
  const { report } = view;
  let opened: Promise<Project> | undefined;
  const context: Context = {
    project: () => (opened ??= tools.openProject(cwd, { env, now, report, signal, waitMilliseconds: waitOf(input) })),
    cwd,
    env,
    now,
    report,
    signal,
    write: world.outBytes ?? (async (bytes) => world.out(Buffer.from(bytes).toString('utf8'))),
    ask: askIn(world, view, input.options.yes ?? false),
    commands: tools.commands,
    runCommand: (argv, folder) => runInside(argv, folder, { world, tools, view }),
  };
  try {
    const result = await command.run(input, context);
    const style = styleIn(terminal.outStyle, findRoot(cwd) ?? cwd, cwd);
    return { result, problem: command.problem?.(result, input.options) ?? null, style };
  } finally {
    // What could not be opened needs no closing.
    await opened?.then(({ git }) => git?.close()).catch(() => undefined);
  }
}

function askIn({ ask, signal }: World, view: View, yes: boolean): Context['ask'] {
  if (yes) return async () => true;
  if (ask === undefined) return null;
  return async (question) => {
    // Nothing may move where the answer is typed.
    view.close();
    const answer = await ask(`${question} [y/N] `);
    if (signal.aborted) throw signal.reason;
    return /^y(es)?$/i.test(answer.trim());
  };
}

/** A command line within a command: its texts are kept, its events are shown as they come. */
async function runInside(
  argv: readonly string[],
  cwd: string,
  { world, tools, view }: { world: World; tools: Tools; view: View },
): Promise<Outcome> {
  let out = '';
  let err = '';
  const { ask: _nobody, outBytes: _kept, ...rest } = world;
  const inner: World = {
    ...rest,
    argv: ['--quiet', ...argv],
    cwd,
    out: (text) => (out += text),
    err: (text) => (err += text),
    outIsTerminal: false,
    errIsTerminal: false,
    listen: (event) => view.report(event),
  };
  return { ...(await runCommandLine(inner, tools)), out, err };
}

function asksForHelp(words: readonly string[]): boolean {
  const dashes = words.indexOf('--');
  return (dashes < 0 ? words : words.slice(0, dashes)).some((word) => word === '-h' || word === '--help');
}

function startFolder(cwd: string, cd: string | undefined): string {
  if (cd === undefined) return cwd;
  const folder = resolve(cwd, cd);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  throw new MlopsError('usage', `${folder} is not a folder.`, { hint: 'Name one that exists: -C <dir>' });
}

/** Null: for ever. */
function waitOf({ options: { wait } }: Input<ParsedOptions>): number | null {
  if (wait === false) return 0;
  return typeof wait === 'number' ? wait : null;
}
