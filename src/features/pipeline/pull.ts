import type { Project } from '../../project/project.ts';
import { remoteNamed } from '../../project/remote-of.ts';
import type { Remote } from '../../stores/remotes/remote.ts';
import { fetchPaths } from '../data/transfer/fetch.ts';
import { newTally } from '../data/transfer/loop.ts';
import { routePaths } from '../data/transfer/plan.ts';
import type { Pull } from './request.ts';

/**
 * Brings what `repro --pull` needs from a remote, the default one when none is named; outputs with a remote of their own come
 * from there. What no remote has stays missing, which the stage that needs it then says.
 */
export function pullFrom(project: Project, name: string | null): Pull {
  if (name !== null) remoteNamed(project.config, name);
  return async (wanted) => {
    const pipeline = await project.pipeline();
    const cache = await project.cache();
    for (const [own, paths] of routePaths(wanted, pipeline)) {
      let opened: Promise<Remote> | undefined;
      const remote = () => (opened ??= project.openRemote(own ?? name));
      const { report, signal } = project;
      try {
        await fetchPaths({ cache, paths, jobs: null, dryRun: false, report, signal, tally: newTally(), remote });
      } finally {
        (await opened)?.close();
      }
    }
  };
}
