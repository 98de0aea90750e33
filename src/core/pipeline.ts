import type { Stage } from './stage.ts';
import type { ValueMap } from './value.ts';

/** A threshold on a metric (`metrics.json:accuracy`), checked by `metrics check`. Amounts are numbers or percentages (`"5%"`). */
export interface Gate {
  readonly metric: string;
  readonly goal: 'higher' | 'lower';
  readonly min: number | null;
  readonly max: number | null;
  readonly maxDrop: number | string | null;
  readonly maxIncrease: number | string | null;
}

/** What a person noted about tracked data. */
export interface DataNote {
  readonly desc: string | null;
  readonly remote: string | null;
  readonly push: boolean;
  readonly type: string | null;
  readonly labels: readonly string[];
  readonly meta: ValueMap;
}

/** All that `.mlops.yaml` says beside configuration. */
export interface Pipeline {
  readonly stages: readonly Stage[];
  readonly data: Readonly<Record<string, DataNote>>;
  /** Metrics, params and plots files that no stage writes or reads. */
  readonly metrics: readonly string[];
  readonly params: readonly string[];
  readonly plots: readonly { readonly path: string; readonly plot: ValueMap }[];
  readonly gates: readonly Gate[];
}
