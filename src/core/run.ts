import type { Json } from './value.ts';

/** How a stage of a run ended, or, in a dry run, would end. */
export type StageOutcome =
  'ran' | 'restored' | 'up-to-date' | 'failed' | 'blocked' | 'frozen' | 'would-run' | 'may-run' | 'would-restore';

/** Why a stage must run again. A stage with no reasons is up to date. */
export type StaleReason =
  | { readonly type: 'never-run' }
  | { readonly type: 'command-changed' }
  | { readonly type: 'working-directory-changed' }
  | { readonly type: 'settings-changed'; readonly name: string }
  | { readonly type: 'dependency-changed'; readonly path: string }
  | { readonly type: 'dependency-missing'; readonly path: string }
  | { readonly type: 'dependency-added'; readonly path: string }
  | { readonly type: 'dependency-removed'; readonly path: string }
  | { readonly type: 'param-changed'; readonly file: string; readonly name: string }
  | { readonly type: 'param-added'; readonly file: string; readonly name: string }
  | { readonly type: 'param-removed'; readonly file: string; readonly name: string }
  | { readonly type: 'env-changed'; readonly name: string }
  | { readonly type: 'output-changed'; readonly path: string }
  | { readonly type: 'output-missing'; readonly path: string }
  | { readonly type: 'output-added'; readonly path: string }
  | { readonly type: 'output-removed'; readonly path: string }
  | { readonly type: 'always-changed' }
  | { readonly type: 'forced' }
  | { readonly type: 'upstream-ran'; readonly stage: string }
  | { readonly type: 'changed-during-run'; readonly path: string };

/** What happened to one stage in a run. */
export interface StageResult {
  readonly stage: string;
  readonly outcome: StageOutcome;
  readonly reasons: readonly StaleReason[];
  readonly milliseconds: number;
  /** Of the stage's process; null when none ran to its end. */
  readonly exitCode: number | null;
}

/** How a whole run ended. */
export type RunOutcome = 'succeeded' | 'failed' | 'interrupted';

/** What a run ran on. */
export interface RunHost {
  /** `linux`, `darwin`, `win32`. */
  readonly platform: string;
  readonly arch: string;
  /** Version of Node. */
  readonly node: string;
  readonly cpus: number;
  /** Bytes of main memory. */
  readonly memory: number;
}

/** One execution of `repro`, as kept in the run history. */
export interface Run {
  /** Sorts by start: `20301231T235959Z-1a2b3c`. */
  readonly id: string;
  /** ISO-8601, UTC. */
  readonly startedAt: string;
  readonly milliseconds: number;
  /** The commit that was checked out; null outside Git or before the first commit. */
  readonly commit: string | null;
  /** Whether files that Git tracks differed from that commit. */
  readonly dirty: boolean;
  readonly outcome: RunOutcome;
  readonly stages: readonly StageResult[];
  /** `params.yaml:train.lr` → value, of all stages in the run. */
  readonly params: Readonly<Record<string, Json>>;
  /** `metrics.json:accuracy` → number, of all metrics outputs after the run. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Null for a run that was recorded before this was. */
  readonly host: RunHost | null;
}
