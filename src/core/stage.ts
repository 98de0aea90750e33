import type { Value, ValueMap } from './value.ts';

/** What a stage's output is used for. Metrics and plots are small and kept in Git unless `cache: true`. */
export type OutputRole = 'outs' | 'metrics' | 'plots';

/** A path that a stage writes. Paths are relative to the project's root, with forward slashes. */
export interface Output {
  readonly path: string;
  readonly role: OutputRole;
  /** Kept out of Git, in the cache. Metrics and plots are put into the cache too, but stay in Git when this is false. */
  readonly cache: boolean;
  /** Left in place before the stage runs, so that it can be continued. */
  readonly persist: boolean;
  readonly push: boolean;
  readonly remote: string | null;
  /** Axes, template and the like of a plot; null for other roles. */
  readonly plot: ValueMap | null;
}

/** Params that a stage reads from one file: the dotted names, or the whole file. */
export interface ParamsSelection {
  readonly file: string;
  readonly names: readonly string[] | null;
}

/** A place in the file that defines something, for messages. Lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Who does the work: a shell, or a built-in stage. */
export type RunnerName = 'command' | 'train' | 'evaluate' | 'predict';

/** One step of a pipeline as written, after defaults. Every path is relative to the project's root, `wdir` applied. */
export interface Stage {
  readonly name: string;
  readonly runner: RunnerName;
  /** The scripts of a `cmd:`, one after another; empty for a built-in stage. */
  readonly scripts: readonly string[];
  readonly shell: string | null;
  /** The folder the stage runs in, relative to the root; `.` is the root. */
  readonly wdir: string;
  readonly dependencies: readonly string[];
  readonly params: readonly ParamsSelection[];
  /** What it takes through `${…}`, by file and dotted name: `params.yaml:train.lr`. It counts through the text that it makes. */
  readonly filledIn: Readonly<Record<string, Value>>;
  /** Names of environment variables that are inputs. */
  readonly env: readonly string[];
  readonly outputs: readonly Output[];
  /** The configuration of a built-in stage, defaults filled in; null for a command. */
  readonly settings: ValueMap | null;
  readonly frozen: boolean;
  readonly alwaysChanged: boolean;
  /** Ended and failed after that; null: it may take for ever. */
  readonly timeoutMilliseconds: number | null;
  /** How often it is tried again after it failed. */
  readonly retries: number;
  /** Tokens that it holds while it runs, of those that `resources:` at the top counts. */
  readonly resources: Readonly<Record<string, number>>;
  /** Words of which no two stages hold the same at once. */
  readonly mutex: readonly string[];
  readonly desc: string | null;
  readonly meta: ValueMap | null;
  /** Where the stage stands in the file that defines it. */
  readonly place: Place;
  /** Where each of its outputs stands, by path, and each param that it reads, by `params.yaml:lr`, or `params.yaml` for the whole. */
  readonly places: { readonly outputs: ReadonlyMap<string, Place>; readonly params: ReadonlyMap<string, Place> };
}
