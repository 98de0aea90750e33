import type { CommitScope } from '../../../stores/git/snapshots.ts';
import type { CheckoutResult } from '../checkout/checkout.ts';
import type { TransferFailure } from './loop.ts';

/** What to move, and between which two places. */
export interface TransferRequest {
  /** Paths and stages; none means everything. */
  readonly targets: readonly string[];
  /** All targets are patterns, also where something is called so. */
  readonly isGlob?: boolean;
  /** In place of the default one. Paths with a remote of their own keep it. */
  readonly remote: string | null;
  /** Commits whose data is meant, beside that of the workspace. */
  readonly scope?: CommitScope | null;
  /** Whether earlier runs go along: their records, and what they wrote. */
  readonly runCache?: boolean;
  readonly jobs: number | null;
  readonly dryRun: boolean;
  /** Brings imported data from where it came from, and says which of the paths came; asked for what no remote has. */
  readonly fromOrigins?: (paths: readonly string[]) => Promise<readonly string[]>;
}

/** The document of `push`, `fetch` and `pull`. In a dry run: what would be moved. */
export interface TransferResult {
  /** Its name; null when the project has none and none was needed. */
  readonly remote: string | null;
  readonly objects: number;
  readonly bytes: number;
  readonly requests: number;
  readonly alreadyThere: number;
  /** What was moved, by each path that needs it: files and folders, also inside tracked folders. */
  readonly paths: readonly string[];
  readonly failed: readonly TransferFailure[];
  /** Of `pull` alone. */
  readonly checkout: CheckoutResult | null;
}
