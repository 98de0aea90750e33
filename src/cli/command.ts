import type { Report } from '../core/event.ts';
import type { Project } from '../project/project.ts';
import type { Style } from './output/style.ts';

/** All of the outside that a command may see, apart from files. Tests bring their own. */
export interface World {
  /** Without `node` and the script. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether stdout and stderr are terminals, and how wide. */
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly columns: number;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** One option: its flags as the help shows them (`-j, --jobs <count>`), a sentence, and how its text becomes a value. */
export type OptionSpec = readonly [flags: string, help: string, parse?: (text: string) => unknown];

/** What was typed after the command's name. `afterDashes` are the words behind `--`. */
export interface Input<Options> {
  readonly args: readonly string[];
  readonly afterDashes: readonly string[];
  readonly options: Options & GlobalOptions;
}

/** What every command takes. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly yes?: boolean;
}

/** What a command may reach. A command that needs no project never opens one. */
export interface Context {
  readonly project: () => Promise<Project>;
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Runs another command line in the same world and returns its exit code and texts (for `demo`). */
  readonly runCommand: (argv: readonly string[], cwd: string) => Promise<{ exitCode: number; out: string; err: string }>;
}

/** The shape of everything one can type: declare, run, render. A command file holds no logic. */
export interface Command<Options = object, Result = unknown> {
  /** The path of its file with spaces: `metrics diff`. */
  readonly name: string;
  readonly summary: string;
  /** A longer text below the summary in `--help`, when a sentence is not enough. */
  readonly description?: string;
  /** Heading in the help of `mlops --help` under which the command stands. */
  readonly group: CommandGroup;
  readonly args?: string;
  readonly options?: readonly OptionSpec[];
  readonly examples?: readonly string[];
  run(input: Input<Options>, context: Context): Promise<Result>;
  render(result: Result, style: Style, options: Options & GlobalOptions): string;
  /** For checks and partial work: what to exit with when the work itself succeeded. */
  exitCode?(result: Result, options: Options & GlobalOptions): number;
}

/** In the order of the help. */
export type CommandGroup = 'start' | 'data' | 'pipeline' | 'compare' | 'share' | 'training' | 'tool';
