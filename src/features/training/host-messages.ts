import type { BuiltIn } from '../../core/built-in/index.ts';
import type { ErrorKind } from '../../core/errors.ts';
import type { Json } from '../../core/value.ts';
import type { JobEvent } from './job-context.ts';

/** What the training child is given, as JSON on its stdin. */
export interface HostJob {
  readonly kind: BuiltIn;
  readonly root: string;
  readonly settings: Json;
  readonly replace: boolean;
}

/** Why a job failed: a foreseen failure, or a bug. */
export interface HostError {
  readonly kind: ErrorKind | 'bug';
  readonly message: string;
  readonly hint: string | null;
}

/** What the training child says over its channel; after a result or an error it ends. */
export type HostMessage =
  JobEvent | { readonly type: 'result'; readonly result: Json } | { readonly type: 'error'; readonly error: HostError };
