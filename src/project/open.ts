import { join, relative } from 'node:path';
import type { Event } from '../core/event.ts';
import { EMPTY_LOCKFILE, type Lockfile } from '../core/lockfile.ts';
import type { Pipeline } from '../core/pipeline.ts';
import { encodeLockfile, parseLockfile, WAY_OUT_WITHOUT_GIT } from '../stores/documents/lockfile.ts';
import type { Cache } from '../stores/cache/cache.ts';
import { withSoleOwners } from '../stores/documents/sole-owners.ts';
import { type Git, openGit } from '../stores/git/git.ts';
import { withLease } from '../system/lease.ts';
import { threadsOf } from '../system/threads/count.ts';
import { readTextFile, writeFileMeanwhile } from '../system/write-file.ts';
import { LOCKFILE, layoutOf, type Layout, STATE_FOLDER } from './layout.ts';
import type { Project, Surroundings } from './project.ts';
import { openRemoteOf } from './remote-of.ts';
import { requireRoot } from './root.ts';
import { type Definition, readDefinition } from './definition.ts';
import { layOutState } from './state.ts';

/** Opens the project around a folder. Cheap: what takes time to load is loaded when it is first asked for. */
export async function openProject(cwd: string, surroundings: Surroundings, instead: Instead = {}): Promise<Project> {
  const root = requireRoot(cwd);
  const layout = layoutOf(root);
  layOutState(layout);
  const git = await openGit(root, surroundings.env);
  const definition = await readDefinition(layout, defaultCacheOf(layout, git), surroundings.env);
  return bindStores(layout, cwd, git, definition, surroundings, instead);
}

/** What a project is opened with in place of its own. */
export interface Instead {
  readonly cache?: Cache;
}

function bindStores(
  layout: Layout,
  cwd: string,
  git: Git | null,
  { config, pipeline }: Definition,
  surroundings: Surroundings,
  instead: Instead,
): Project {
  const { root } = layout;
  const startedAt = Date.now();
  const hold: Hold = async (before, after) => {
    const { isCollectedSince } = await import('../stores/cache/collection.ts');
    if (!isCollectedSince(config.cache.dir, startedAt)) return;
    const { holdNamed } = await import('./hold-named.ts');
    holdNamed(await project.cache(), before, after, surroundings.report);
  };
  const known: Known = { text: null, lockfile: EMPTY_LOCKFILE, git, hold };
  const project: Project = {
    ...surroundings,
    root,
    layout,
    config,
    cwd,
    git,
    pipeline: once(async (): Promise<Pipeline> => pipeline()),
    readLockfile: () => readLockfile(layout, known),
    updateLockfile: inTurn((change) => updateLockfile(layout, known, surroundings, change)),
    cache: once(async () => {
      if (instead.cache !== undefined) return instead.cache;
      const { openCache } = await import('../stores/cache/cache.ts');
      const { dir, link, packBelow, shared } = config.cache;
      const threads = threadsOf(surroundings.env);
      if (shared !== null) (await import('../stores/cache/share.ts')).shareCache(dir);
      const onManyPacks = (count: number) => surroundings.report(manyPacks(count));
      const options = { link, tmp: layout.tmp, threads, onManyPacks };
      const cache = openCache(dir, packBelow === null ? options : { ...options, packBelow });
      if (config.origins['cache.dir'] !== undefined) {
        const { registerRoot } = await import('../stores/cache/roots.ts');
        registerRoot(config.cache.dir, root);
      }
      return cache;
    }),
    index: once(async () => {
      const { openIndex } = await import('../stores/index/index.ts');
      return openIndex(layout.index, { tmp: layout.tmp });
    }),
    openRemote: (name) => openRemoteOf(project, name),
    openRuns: once(async () => {
      const { openRuns } = await import('../stores/runs/runs.ts');
      return openRuns(layout.runsDatabase, layout.runs);
    }),
  };
  return project;
}

function manyPacks(count: number): Event {
  const message = `The cache has ${count} small packs, and whatever looks for an object asks each.`;
  return {
    type: 'warning',
    message,
    hint: 'Make few of them, and keep all that any commit needs: mlops gc --all-commits',
  };
}

/** Linked worktrees of one repository share the cache of the main one. */
function defaultCacheOf(layout: Layout, git: Git | null): string {
  if (git === null || git.mainFolder === git.folder) return join(layout.state, 'cache');
  return join(git.mainFolder, relative(git.folder, layout.root), STATE_FOLDER, 'cache');
}

/** What this process knows the lockfile to say: a long pipeline writes it after each stage, and need not read that back. */
interface Known {
  /** Null before it was read. An empty file is one that was damaged. */
  text: string | null;
  lockfile: Lockfile;
  readonly git: Git | null;
  readonly hold: Hold;
}

/** Makes sure that a collection leaves what the lockfile is about to name. */
type Hold = (before: Lockfile, after: Lockfile) => Promise<void>;

function readLockfile(layout: Layout, known: Known): Lockfile {
  const text = readTextFile(layout.lockfile);
  if (text === undefined) return EMPTY_LOCKFILE;
  if (text !== known.text) {
    const wayOut = (known.git?.head() ?? null) === null ? WAY_OUT_WITHOUT_GIT : undefined;
    Object.assign(known, { lockfile: parseLockfile(text, LOCKFILE, wayOut), text });
  }
  return known.lockfile;
}

async function updateLockfile(
  layout: Layout,
  known: Known,
  { waitMilliseconds, report, signal }: Surroundings,
  change: (current: Lockfile) => Lockfile,
): Promise<Lockfile> {
  const held = { folder: layout.leases, name: 'lockfile', what: 'the lockfile' };
  const lease = { ...held, waitMilliseconds, isBrief: true, report, signal };
  return withLease(lease, async () => {
    const before = readLockfile(layout, known);
    const lockfile = withSoleOwners(before, change(before));
    const text = encodeLockfile(lockfile);
    // Line ends of a checkout with CRLF are no reason to touch the file.
    if (text === encodeLockfile(before)) return before;
    await known.hold(before, lockfile);
    await writeFileMeanwhile(layout.lockfile, text, layout.tmp, () => Object.assign(known, { text, lockfile }));
    return lockfile;
  });
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
