import type { StaleReason, StageOutcome } from './run.ts';

/** Something that happened during a command. Events carry facts, never finished sentences; each view phrases them. */
export type Event =
  /** A phase of long work: done so far of a total (null: not yet known), in files and bytes. */
  | {
      readonly type: 'progress';
      readonly phase: 'hash' | 'cache' | 'checkout' | 'push' | 'fetch' | 'list' | 'verify';
      readonly done: number;
      readonly total: number | null;
      readonly bytes: number;
      readonly totalBytes: number | null;
    }
  | { readonly type: 'stage-started'; readonly stage: string; readonly reasons: readonly StaleReason[] }
  | {
      readonly type: 'stage-output';
      readonly stage: string;
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
    }
  | {
      readonly type: 'stage-finished';
      readonly stage: string;
      readonly outcome: StageOutcome;
      readonly milliseconds: number;
    }
  /** One epoch of a built-in training stage. `metrics` holds loss, val_loss and the like. */
  | {
      readonly type: 'epoch';
      readonly stage: string;
      readonly epoch: number;
      readonly epochs: number;
      readonly metrics: Readonly<Record<string, number>>;
    }
  /** Another process holds what this one needs. */
  | { readonly type: 'waiting'; readonly for: string; readonly owner: string }
  /** Something the person should know and that stops nothing. */
  | { readonly type: 'warning'; readonly message: string; readonly hint: string | null }
  /** A step of a narrated command (`demo`): what it is for, what a user would type, and what that printed. */
  | {
      readonly type: 'narration';
      readonly text: string | null;
      readonly command: string | null;
      readonly output: string | null;
    };

/** Tells whoever listens what happened. Features call it and do not know who that is. */
export type Report = (event: Event) => void;
