import { join } from 'node:path';

/** Names in the project's root that people and Git see. */
export const PIPELINE_FILE = '.mlops.yaml';
export const LOCKFILE = '.mlops.lock.yaml';
export const LOCAL_FILE = '.mlops.local.yaml';
export const IGNORE_FILE = '.mlopsignore';
export const STATE_FOLDER = '.mlops';
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
  readonly runsDatabase: string;
  /** Outputs of a stage while it runs, with the journal that brings them back. */
  readonly aside: string;
  /** What a failed stage half wrote, by stage. */
  readonly failed: string;
  readonly logs: string;
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
    runsDatabase: join(state, 'runs.db'),
    aside: join(state, 'aside'),
    failed: join(state, 'failed'),
    logs: join(state, 'logs'),
  };
}
