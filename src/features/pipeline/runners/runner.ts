import type { Report } from '../../../core/event.ts';
import type { Stage } from '../../../core/stage.ts';
import type { ValueMap } from '../../../core/value.ts';

/** What a stage may see of the world while it runs. */
export interface RunContext {
  /** Absolute path of the project's root. */
  readonly root: string;
  readonly run: string;
  /** A JSON file with the stage's params, for scripts (`MLOPS_PARAMS`). */
  readonly paramsFile: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** How a stage's process ended. `signal` is set when it was killed by one. */
export interface RunExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The last lines that it wrote to stderr, for the error message. */
  readonly lastLines: readonly string[];
  /** A built-in stage's own error, already a sentence with a hint; null for a command. */
  readonly error: { readonly message: string; readonly hint: string | null } | null;
}

/** One way to run a stage: a shell, the TensorFlow.js child, later a container. */
export interface StageRunner {
  readonly name: string;
  /** What the lockfile records of the stage's settings, defaults and the resolved backend included; null for a command. */
  resolveSettings(stage: Stage, root: string): ValueMap | null;
  /** Runs to the end, also when it fails; an abort of the signal ends the whole process group first. */
  run(stage: Stage, context: RunContext): Promise<RunExit>;
}
