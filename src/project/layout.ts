import { join } from 'node:path';

/** Configuration and pipeline, written by people. */
export const PIPELINE_FILE = '.mlops.yaml';

/** What data and stages are, written by the tool alone. */
export const LOCKFILE = '.mlops.lock.yaml';

/** This clone's overrides; not in Git. */
export const LOCAL_FILE = '.mlops.local.yaml';

/** Rules for what is no data, in gitignore's syntax; may lie in any folder. */
export const IGNORE_FILE = '.mlopsignore';

/** The state of this clone: cache, index, history. */
export const STATE_FOLDER = '.mlops';

/** The params file that is read when none is named. */
export const DEFAULT_PARAMS_FILE = 'params.yaml';

/** Where everything of one project is on disk, as absolute paths. The only place that knows the names. */
export interface Layout {
  readonly root: string;
  readonly pipelineFile: string;
  readonly lockfile: string;
  readonly localFile: string;
  readonly state: string;
  /** Unfinished files of this clone. */
  readonly tmp: string;
  readonly leases: string;
  readonly index: string;
  readonly runCache: string;
  /** A record for each run; the database is an index over them. */
  readonly runs: string;
  readonly runsDatabase: string;
  /** Outputs of a stage while it runs, with the journal that brings them back. */
  readonly aside: string;
  /** What a failed stage half wrote, by stage. */
  readonly failed: string;
  /** Outputs that a person wrote and no cache has, which a stage replaced; by run. */
  readonly replaced: string;
  readonly logs: string;
  /** Clones of repositories that data was imported from. */
  readonly repos: string;
}

/** The layout of the project whose root is given as an absolute path. */
export function layoutOf(root: string): Layout {
  const state = join(root, STATE_FOLDER);
  return {
    root,
    pipelineFile: join(root, PIPELINE_FILE),
    lockfile: join(root, LOCKFILE),
    localFile: join(root, LOCAL_FILE),
    state,
    tmp: join(state, 'tmp'),
    leases: join(state, 'leases'),
    index: join(state, 'index'),
    runCache: join(state, 'run-cache'),
    runs: join(state, 'runs'),
    runsDatabase: join(state, 'runs.db'),
    aside: join(state, 'aside'),
    failed: join(state, 'failed'),
    replaced: join(state, 'replaced'),
    logs: join(state, 'logs'),
    repos: join(state, 'repos'),
  };
}
