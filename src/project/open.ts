import { join, relative } from 'node:path';
import { EMPTY_LOCKFILE, type Lockfile } from '../core/lockfile.ts';
import type { Pipeline } from '../core/pipeline.ts';
import { encodeLockfile, parseLockfile } from '../stores/documents/lockfile.ts';
import { type Git, openGit } from '../stores/git/git.ts';
import { withLease } from '../system/lease.ts';
import { readTextFile, writeFile } from '../system/write-file.ts';
import { LOCKFILE, layoutOf, type Layout, STATE_FOLDER } from './layout.ts';
import type { Project, Surroundings } from './project.ts';
import { openRemoteOf } from './remote-of.ts';
import { requireRoot } from './root.ts';
import { type Definition, readDefinition } from './definition.ts';
import { layOutState } from './state.ts';

/** Opens the project around a folder. Cheap: what takes time to load is loaded when it is first asked for. */
export async function openProject(cwd: string, surroundings: Surroundings): Promise<Project> {
  const root = requireRoot(cwd);
  const layout = layoutOf(root);
  layOutState(layout);
  const git = await openGit(root, surroundings.env);
  const definition = await readDefinition(layout, defaultCacheOf(layout, git), surroundings.env);
  return bindStores(layout, cwd, git, definition, surroundings);
}

function bindStores(
  layout: Layout,
  cwd: string,
  git: Git | null,
  { config, pipeline }: Definition,
  surroundings: Surroundings,
): Project {
  const { root } = layout;
  const written: Written = { text: null, lockfile: EMPTY_LOCKFILE };
  const project: Project = {
    ...surroundings,
    root,
    layout,
    config,
    cwd,
    git,
    pipeline: once(async (): Promise<Pipeline> => pipeline()),
    readLockfile: () => readLockfile(layout),
    updateLockfile: inTurn((change) => updateLockfile(layout, surroundings, written, change)),
    cache: once(async () => {
      const { openCache } = await import('../stores/cache/cache.ts');
      return openCache(config.cache.dir, { link: config.cache.link, tmp: layout.tmp });
    }),
    index: once(async () => {
      const { openIndex } = await import('../stores/index/index.ts');
      return openIndex(layout.index, { root, tmp: layout.tmp });
    }),
    openRemote: (name) => openRemoteOf(project, name),
    openRuns: once(async () => {
      const { openRuns } = await import('../stores/runs/runs.ts');
      return openRuns(layout.runsDatabase);
    }),
  };
  return project;
}

/** Linked worktrees of one repository share the cache of the main one. */
function defaultCacheOf(layout: Layout, git: Git | null): string {
  if (git === null || git.mainFolder === git.folder) return join(layout.state, 'cache');
  return join(git.mainFolder, relative(git.folder, layout.root), STATE_FOLDER, 'cache');
}

function readLockfile(layout: Layout): Lockfile {
  const text = readTextFile(layout.lockfile);
  return text === undefined ? EMPTY_LOCKFILE : parseLockfile(text, LOCKFILE);
}

/** What this process last wrote: as long as the file says just that, it need not be understood again. */
interface Written {
  text: string | null;
  lockfile: Lockfile;
}

async function updateLockfile(
  layout: Layout,
  { waitMilliseconds, report, signal }: Surroundings,
  written: Written,
  change: (current: Lockfile) => Lockfile,
): Promise<Lockfile> {
  const lease = { folder: layout.leases, name: 'lockfile', what: 'the lockfile', waitMilliseconds, report, signal };
  return withLease(lease, () => {
    const before = readTextFile(layout.lockfile);
    const changed = change(currentOf(before, written));
    const text = encodeLockfile(changed);
    // Line ends of a checkout with CRLF are no reason to touch the file.
    if (text !== before?.replaceAll('\r\n', '\n') && !(before === undefined && isEmpty(changed))) {
      writeFile(layout.lockfile, text, layout.tmp);
    }
    written.text = text;
    written.lockfile = changed;
    return changed;
  });
}

function currentOf(text: string | undefined, written: Written): Lockfile {
  if (text === undefined) return EMPTY_LOCKFILE;
  return text === written.text ? written.lockfile : parseLockfile(text, LOCKFILE);
}

function isEmpty({ data, stages }: Lockfile): boolean {
  return Object.keys(data).length === 0 && Object.keys(stages).length === 0;
}

function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => (opened ??= open());
}

/** Calls of one process go one after another; only other processes are waited for by the lease. */
function inTurn<Argument, T>(work: (argument: Argument) => Promise<T>): (argument: Argument) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (argument) => {
    const next = last.then(() => work(argument));
    last = next.catch(() => undefined);
    return next;
  };
}
