import type { Lockfile } from '../core/lockfile.ts';
import type { Report } from '../core/event.ts';
import type { Pipeline } from '../core/pipeline.ts';
import type { Cache } from '../stores/cache/cache.ts';
import type { Git } from '../stores/git/git.ts';
import type { WorkspaceIndex } from '../stores/index/index.ts';
import type { Remote } from '../stores/remotes/remote.ts';
import type { Runs } from '../stores/runs/runs.ts';
import type { Config } from './config.ts';
import type { Layout } from './layout.ts';

/** The process's world, as far as features may see it. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** How long to wait for what another process holds: milliseconds, 0 for not at all, null for ever. */
  readonly waitMilliseconds: number | null;
}

/** One opened project: what every feature receives. Stores are opened on first use. */
export interface Project extends Surroundings {
  readonly root: string;
  readonly layout: Layout;
  readonly config: Config;
  /** The folder that the user's relative paths start from, absolute. */
  readonly cwd: string;
  /** Null in a project made with `init --no-git`. */
  readonly git: Git | null;
  /** Parsed once; every mistake is told at once. */
  pipeline(): Promise<Pipeline>;
  readLockfile(): Lockfile;
  /** Under the lockfile's lease: reads it as it is now, applies the change, writes it whole. Returns what was written. */
  updateLockfile(change: (current: Lockfile) => Lockfile): Promise<Lockfile>;
  cache(): Promise<Cache>;
  index(): Promise<WorkspaceIndex>;
  /** By name, or the default one. Fails with `usage` when there is none. */
  openRemote(name: string | null): Promise<Remote>;
  openRuns(): Promise<Runs>;
}
