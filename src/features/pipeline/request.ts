import type { LockedPath } from '../../core/lockfile.ts';
import type { ErrorKind, MlopsError } from '../../core/errors.ts';
import type { StageResult } from '../../core/run.ts';
import type { Stage } from '../../core/stage.ts';
import type { ParamAssignment } from './definition/set-params.ts';

/** Brings the objects of these paths into the cache, as far as a remote has them. */
export type Pull = (wanted: ReadonlyMap<string, LockedPath>) => Promise<void>;

/** What `repro` was asked to do. Targets are as typed, relative to the current folder. */
export interface ReproRequest {
  readonly targets: readonly string[];
  readonly dryRun: boolean;
  readonly force: boolean;
  /** Only the targets themselves. */
  readonly single: boolean;
  /** The targets and what follows from them, instead of what they need. */
  readonly downstream: boolean;
  /** After a failure, go on with what does not read what failed. */
  readonly keepGoing: boolean;
  /** After a failure, go on with everything, on what there is. */
  readonly ignoreErrors: boolean;
  /** Run also what follows from a stage that did something, whether or not that wrote something else. */
  readonly forceDownstream: boolean;
  /** Stages at once; true: as many as there are cores; null: as the configuration says. */
  readonly jobs: number | true | null;
  /** Restore what was run before. */
  readonly runCache: boolean;
  /** Put outputs into the cache. */
  readonly commit: boolean;
  /** Null: what is missing stays missing. */
  readonly pull: Pull | null;
  readonly allowMissing: boolean;
  /** Params to change first (`-S`). */
  readonly setParams: readonly ParamAssignment[];
}

/** `repro` without any option. */
export const PLAIN_REPRO: ReproRequest = {
  targets: [],
  dryRun: false,
  force: false,
  single: false,
  downstream: false,
  keepGoing: false,
  ignoreErrors: false,
  forceDownstream: false,
  jobs: null,
  runCache: true,
  commit: true,
  pull: null,
  allowMissing: false,
  setParams: [],
};

/** Why a stage failed, as an error says it. */
export interface StageFailure {
  readonly stage: string;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hint: string | null;
}

/** A stage's error as the document says it. */
export function failureOf({ name }: Stage, { kind, message, hint }: MlopsError): StageFailure {
  return { stage: name, kind, message, hint };
}

/** The document of `repro`. `run` is null when nothing was executed. A command that prints it exits with the code of its worst failure. */
export interface ReproResult {
  readonly run: string | null;
  readonly stages: readonly StageResult[];
  readonly failures: readonly StageFailure[];
  /** Files that Git should be given now, as `git add` would take them. */
  readonly changedFiles: readonly string[];
}
