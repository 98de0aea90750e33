import type { Project } from '../../../project/project.ts';
import type { Remote } from '../../../stores/remotes/remote.ts';
import type { SelectedPath } from '../select.ts';
import { fetchPaths } from './fetch.ts';
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
