import type { Digest } from '../../../core/digest.ts';
import type { Project } from '../../../project/project.ts';
import type { Remote } from '../../../stores/remotes/remote.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import type { SelectedPath } from '../select.ts';
import { bringObjects, fetchPaths } from './fetch.ts';
import { newTally, type TransferFailure } from './loop.ts';
import { routePaths } from './plan.ts';

/** Brings what paths need and the cache lacks, from a remote or the default one. Returns what could not be had. */
export async function bringPaths(
  project: Project,
  wanted: ReadonlyMap<string, SelectedPath>,
  name: string | null,
): Promise<readonly TransferFailure[]> {
  const { report, signal } = project;
  const cache = await project.cache();
  const tally = newTally();
  for (const [own, paths] of routePaths(wanted, await project.pipeline())) {
    let opened: Promise<Remote> | undefined;
    const remote = () => (opened ??= project.openRemote(own ?? name));
    try {
      await fetchPaths({ cache, paths, jobs: null, dryRun: false, report, signal, tally, remote });
    } finally {
      (await opened?.catch(() => undefined))?.close();
    }
  }
  return tally.failed;
}

/** Brings objects by their digests, as far as a remote has them. */
export async function bringDigests(
  { report, signal }: Project,
  cache: Cache,
  digests: readonly Digest[],
  remote: Remote,
): Promise<void> {
  const planned = digests.map((digest) => ({ digest, size: 0, paths: [], isTree: false }));
  const tally = newTally();
  const part = {
    cache,
    paths: new Map(),
    jobs: null,
    dryRun: false,
    report,
    signal,
    tally,
    remote: async () => remote,
  };
  await bringObjects(part, cache, planned, false);
  if (tally.unavailable !== null) throw tally.unavailable;
}
