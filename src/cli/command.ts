import type { MlopsError } from '../core/errors.ts';
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
  /** Hears every event too, beside the view that is chosen for the terminal. */
  readonly listen?: Report;
  /** Bytes as they are to stdout; done when they are on their way. Without it they are taken for text. */
  readonly outBytes?: (bytes: Uint8Array) => Promise<void>;
  /** Puts a question to the person at the terminal; not there when there is none. */
  readonly ask?: (question: string) => Promise<string>;
}

/** One option: its flags as the help shows them (`-j, --jobs <count>`), a sentence, and how its text becomes a value. */
export type OptionSpec = readonly [flags: string, help: string, parse?: (text: string, previous?: unknown) => unknown];

/** What was typed after the command's name. */
export interface Input<Options> {
  readonly args: readonly string[];
  /** The words behind `--`, for a command whose `args` say `[-- …]`; for all others they are among `args`. */
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

/** How one command line ended: its exit code, what it printed, and the document behind it. */
export interface Outcome {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  /** Undefined when the command failed before it had one. */
  readonly result: unknown;
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
  /** Bytes of a file to stdout, for a command whose result is that file. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Whether a person says yes; null when there is nobody to ask. `--yes` answers before anyone is asked. */
  readonly ask: ((question: string) => Promise<boolean>) | null;
  /** Everything that can be typed, for `help` and `completion`. */
  readonly commands: readonly CommandEntry[];
  /** Runs another command line in the same world, and keeps what it prints (for `demo`). */
  readonly runCommand: (argv: readonly string[], cwd: string) => Promise<Outcome>;
}

/** The shape of everything one can type: declare, run, render. A command file holds no logic. */
export interface Command<Options = object, Result = unknown> {
  /** The path of its file with spaces: `metrics diff`. */
  readonly name: string;
  /** A longer text below the summary in its `--help`, when a sentence is not enough. */
  readonly description?: string;
  /** `<paths...>`, `[a] [b] [-- paths...]`. */
  readonly args?: string;
  readonly options?: readonly OptionSpec[];
  readonly examples: readonly string[];
  run(input: Input<Options>, context: Context): Promise<Result>;
  /** Without a line end at the end. An empty text prints nothing. */
  render(result: Result, style: Style, options: Options & GlobalOptions): string;
  /** For checks and work done in part: what to say after the result, and exit with. */
  problem?(result: Result, options: Options & GlobalOptions): MlopsError | null;
}

/** In the order of the help. */
export type CommandGroup = 'start' | 'data' | 'pipeline' | 'compare' | 'share' | 'training' | 'tool';

/** A command as `mlops --help` lists it. The command itself is loaded when it is typed. */
export interface CommandEntry {
  readonly name: string;
  /** Heading in the help under which the command stands. */
  readonly group: CommandGroup;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}
