import type { Report } from '../../../core/event.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import type { RemoteProject } from '../../../stores/remotes/projects.ts';
import type { Remote } from '../../../stores/remotes/remote.ts';
import type { SelectedPath } from '../select.ts';
import type { Tally } from './loop.ts';

/** The part of a transfer that concerns one remote. */
export interface Transfer {
  /** In a dry run one that keeps nothing on the disk. */
  readonly cache: Cache;
  readonly paths: ReadonlyMap<string, SelectedPath>;
  /** As the user asked; null for what the remote is good for. */
  readonly jobs: number | null;
  readonly dryRun: boolean;
  readonly report: Report;
  readonly signal: AbortSignal;
  readonly tally: Tally;
  /** Who pushes; not needed to fetch. */
  readonly identity?: () => Promise<RemoteProject>;
  /** Opened on first use: what needs nothing from a remote does not fail because of it. */
  readonly remote: () => Promise<Remote>;
}

/** The options of the loop for this part. */
export function loopOptions({ jobs, dryRun, report, signal }: Transfer, phase: 'push' | 'fetch', remote: Remote) {
  // What is only looked at makes no progress.
  const told = dryRun ? () => undefined : report;
  return { phase, jobs: jobs ?? remote.defaultJobs, report: told, signal };
}
