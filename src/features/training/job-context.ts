/** What a job tells while it works. */
export type JobEvent =
  | {
      readonly type: 'epoch';
      readonly epoch: number;
      readonly epochs: number;
      readonly metrics: Record<string, number>;
    }
  | { readonly type: 'warning'; readonly message: string; readonly hint: string | null };

/** What a job may reach. */
export interface JobContext {
  /** Paths of the settings start here. */
  readonly root: string;
  /** Whether a model folder that is there may be replaced. */
  readonly replace: boolean;
  readonly tell: (event: JobEvent) => void;
  readonly signal: AbortSignal;
}
