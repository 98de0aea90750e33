import { interruption, MlopsError } from '../../../core/errors.ts';
import { compareCodePoints } from '../../../core/value.ts';
import type { Project } from '../../../project/project.ts';
import { remoteNamed } from '../../../project/remote-of.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import type { Remote } from '../../../stores/remotes/remote.ts';
import { checkoutPaths } from '../checkout/checkout.ts';
import { identitiesOf } from '../identity.ts';
import { selectPaths } from '../select.ts';
import { bringBeginnings } from './beginnings.ts';
import type { Transfer } from './context.ts';
import { fetchPaths } from './fetch.ts';
import { newTally, throwIfRefused } from './loop.ts';
import { overlayOf, supposing } from './overlay.ts';
import { pushPaths } from './push.ts';
import { tellReaders } from './tell-readers.ts';
import type { TransferRequest, TransferResult } from './request.ts';
import { keepRecords, prefixOf, recordsHere, recordsOn, type RunRecord, sendRecords } from './run-records.ts';
import { routesOf } from './scope.ts';
import { withRemote } from './with-remote.ts';

/** What a caller of a transfer needs to know. */
export type { TransferRequest, TransferResult } from './request.ts';

/**
 * Sends to the remote what it lacks; forced, also what it has, in case that is damaged. Part of it may fail: then the rest is
 * there, and the result says what is not.
 */
export async function pushObjects(
  project: Project,
  request: TransferRequest & { readonly force?: boolean },
): Promise<TransferResult> {
  const records = request.runCache === true ? await recordsHere(project) : [];
  const push: Mover = async (part) => {
    await pushPaths(part, request.force ?? false);
    await tellReaders(project, part);
  };
  const { result } = await transfer(project, request, push, records);
  if (records.length === 0 || request.dryRun || result.failed.length > 0) return result;
  // After all that they name.
  return withRemote(project, request, async (remote) => {
    const sent = await sendRecords(remote, records);
    const { objects, bytes, requests } = result;
    const moved = sent === null ? result : { ...result, objects: objects + 1, bytes: bytes + sent };
    return { ...moved, requests: requests + remote.requests };
  });
}

/** Brings into the cache what it lacks. The workspace stays as it is. */
export async function fetchObjects(project: Project, request: TransferRequest): Promise<TransferResult> {
  return (await fetchAll(project, request)).result;
}

/** Fetches, then makes the workspace what the lockfile says, as far as the objects are there. */
export async function pull(
  project: Project,
  request: TransferRequest & { readonly force: boolean; readonly allowMissing: boolean },
): Promise<TransferResult> {
  const look = async (part: Transfer) => {
    await fetchPaths(part);
    await bringBeginnings(part, project.root);
  };
  const { result, cache } = await fetchAll(project, request, request.dryRun ? look : fetchPaths);
  const { targets, isGlob, force, allowMissing, dryRun } = request;
  const place: Project = dryRun ? { ...project, cache: async () => cache } : project;
  return { ...result, checkout: await checkoutPaths(place, { targets, isGlob, force, allowMissing, dryRun }) };
}

async function fetchAll(project: Project, request: TransferRequest, move: Mover = fetchPaths): Promise<Transferred> {
  const records = request.runCache === true ? await withRemote(project, request, recordsOn) : [];
  if (!request.dryRun) keepRecords(project, records);
  const { result, cache } = await fetchNamed(project, request, records, move);
  // A run whose outputs the remote has no longer is no run that can be restored, and nothing that is missing.
  const prefixes = records.map(prefixOf);
  const failed = result.failed.filter(({ path }) => !prefixes.some((prefix) => path.startsWith(prefix)));
  return { cache, result: { ...result, failed } };
}

async function fetchNamed(
  project: Project,
  request: TransferRequest,
  records: readonly RunRecord[],
  move: Mover,
): Promise<Transferred> {
  const { fromOrigins } = request;
  const imported = Object.entries(project.readLockfile().data).flatMap(([path, { from }]) =>
    from === undefined ? [] : [path],
  );
  if (fromOrigins === undefined || request.dryRun || imported.length === 0)
    return transfer(project, request, move, records);
  // Where there is no remote, the origins are all there is.
  if (Object.keys(project.config.remotes).length === 0) {
    const wanted = selectPaths(
      project.readLockfile(),
      await project.pipeline(),
      request.targets,
      project,
      request.isGlob,
    );
    await fromOrigins(imported.filter((path) => wanted.has(path)));
  }
  const { result, cache } = await transfer(project, request, move, records);
  const isIn = (path: string, tops: readonly string[]) =>
    tops.some((top) => path === top || path.startsWith(`${top}/`));
  const missing = imported.filter((top) => result.failed.some(({ path }) => isIn(path, [top])));
  const brought = missing.length === 0 ? [] : await fromOrigins(missing);
  return { cache, result: { ...result, failed: result.failed.filter(({ path }) => !isIn(path, brought)) } };
}

/** The name of the remote that a command means which names none; null when there is none to mean. */
export function defaultRemote({ config }: Project): string | null {
  const names = Object.keys(config.remotes);
  return config.remote ?? (names.length === 1 ? (names[0] ?? null) : null);
}

interface Transferred {
  readonly result: TransferResult;
  /** As it is now; after a dry run, as it would be. */
  readonly cache: Cache;
}

type Mover = (transfer: Transfer) => Promise<void>;

async function transfer(
  project: Project,
  request: TransferRequest,
  move: Mover,
  records: readonly RunRecord[],
): Promise<Transferred> {
  const { report, signal } = project;
  // A wrong name is a mistake also where nothing has to be moved.
  if (request.remote !== null) remoteNamed(project.config, request.remote);
  const pipeline = await project.pipeline();
  const routes = await routesOf(project, pipeline, request, records);
  const tally = newTally();
  const own = await project.cache();
  const cache = request.dryRun ? overlayOf(own) : own;
  const opened: Remote[] = [];
  // In-flight requests end at once, in place of going on until their timeouts.
  const close = () => opened.forEach((remote) => remote.close());
  const stop = () => {
    try {
      close();
    } catch {
      // What ends here is told as interrupted, whatever else went wrong.
    }
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (const [remoteOfPaths, paths] of routes) {
      let pending: Promise<Remote> | undefined;
      const open = async () => {
        const remote = await project.openRemote(remoteOfPaths ?? request.remote);
        opened.push(remote);
        return remote;
      };
      const { jobs, dryRun } = request;
      const remote = () => (pending ??= open());
      const identity = async () => (await identitiesOf(project.root, project.env))[0];
      const part = { cache, paths, jobs, dryRun, report, signal, tally, remote, identity };
      await move(part).catch((error: unknown) => failWhole(part, error));
    }
  } finally {
    signal.removeEventListener('abort', stop);
    close();
  }
  throwIfRefused(tally);
  const { objects, bytes, alreadyThere, failed } = tally;
  const requests = opened.reduce((sum, remote) => sum + remote.requests, tally.unsent);
  const paths = inOrder([...new Set(tally.paths)]);
  const remote = request.remote ?? defaultRemote(project);
  return {
    result: { remote, objects, bytes, requests, alreadyThere, paths, failed, checkout: null },
    cache: request.dryRun ? supposing(cache, tally.moved) : cache,
  };
}

/** One remote that cannot be used at all does not keep the others from their part. */
function failWhole({ paths, tally, signal }: Transfer, error: unknown): void {
  if (signal.aborted) throw interruption(signal.reason);
  if (!(error instanceof MlopsError) || error.kind !== 'remote-unavailable') throw error;
  tally.unavailable ??= error;
  for (const [path, { digest }] of paths) tally.failed.push({ path, digest, reason: error.message });
}

/** Sorted by code points: where no character needs two units, that is the order in which the engine sorts by itself, much faster. */
function inOrder(paths: string[]): string[] {
  return paths.some((path) => /[\ud800-\uffff]/.test(path)) ? paths.sort(compareCodePoints) : paths.sort();
}
