import type { Digest } from '../../../core/digest.ts';
import type { Project } from '../../../project/project.ts';
import { remoteNamed } from '../../../project/remote-of.ts';
import { checkInside } from '../inside.ts';
import { selectPaths } from '../select.ts';
import { defaultRemote } from './transfer.ts';
import { collectWhole } from './collect.ts';
import { bringTrees } from './fetch.ts';
import { newTally } from './loop.ts';
import { overlayOf } from './overlay.ts';
import { planTransfer, routePaths } from './plan.ts';
import { findPresent } from './presence.ts';

/** What a remote lacks of what the lockfile names, by path. */
export interface MissingOnRemote {
  readonly name: string;
  readonly missing: readonly { readonly path: string; readonly digest: Digest; readonly size: number }[];
}

/** Asks the remotes, object by object, and changes nothing: the part of `status --not-in-remote`. */
export async function missingOnRemote(
  project: Project,
  name: string | null,
  targets: readonly string[],
): Promise<MissingOnRemote> {
  const { report, signal } = project;
  if (name !== null) remoteNamed(project.config, name);
  const pipeline = await project.pipeline();
  const cache = overlayOf(await project.cache());
  const selected = selectPaths(project.readLockfile(), pipeline, targets, project);
  const missing: { path: string; digest: Digest; size: number }[] = [];
  for (const [own, paths] of routePaths(selected, pipeline)) {
    const remote = await project.openRemote(own ?? name);
    try {
      const isThere = await remote.prepare({ dryRun: true });
      const jobs = remote.defaultJobs;
      const part = { cache, paths, jobs, dryRun: true, report, signal, tally: newTally(), remote: async () => remote };
      const wanted = await collectWhole(cache, paths, async (trees) => {
        if (isThere) await bringTrees(part, cache, trees);
      });
      checkInside(cache, paths);
      const digests = wanted.map(({ digest }) => digest);
      const none = { sizes: new Map<Digest, number>() };
      const { sizes: present } = isThere ? await findPresent(remote, cache.dir, digests, jobs) : none;
      const isSound = (digest: Digest) => {
        const size = present.get(digest);
        return size !== undefined && size === (cache.sizeOf(digest) ?? size);
      };
      for (const { paths: wantedBy, digest, size } of planTransfer(wanted, isSound)) {
        for (const path of wantedBy) missing.push({ path, digest, size });
      }
    } finally {
      remote.close();
    }
  }
  return { name: name ?? defaultRemote(project) ?? '', missing };
}
