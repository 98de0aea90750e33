import type { ResolvedBackend } from '../../core/built-in/parts.ts';

/** What a training made. A type, not an interface, since it crosses a process as JSON. */
export type TrainResult = {
  /** The model folder. */
  readonly out: string;
  readonly backend: ResolvedBackend;
  /** Rows that the weights were fitted to. */
  readonly rows: number;
  readonly parameters: number;
  /** Epochs that ran; `keptEpoch` is the one whose weights were kept. */
  readonly epochs: number;
  readonly keptEpoch: number;
  readonly stoppedEarly: boolean;
  /** Of the epoch that was kept: `loss`, `accuracy`, and with validation rows `val_loss`, `val_accuracy`. */
  readonly metrics: Readonly<Record<string, number>>;
};

/** How good a model is on some rows. */
export type EvaluateResult = {
  /** The metrics file; null: none was asked for. */
  readonly out: string | null;
  readonly model: string;
  readonly backend: ResolvedBackend;
  readonly rows: number;
  readonly metrics: Readonly<Record<string, number>>;
};

/** Where predictions went. */
export type PredictResult = {
  readonly out: string;
  readonly model: string;
  readonly backend: ResolvedBackend;
  readonly rows: number;
};

/** What each built-in stage gives. */
export interface BuiltInResults {
  readonly train: TrainResult;
  readonly evaluate: EvaluateResult;
  readonly predict: PredictResult;
}
