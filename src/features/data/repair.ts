import type { Digest } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import type { Project } from '../../project/project.ts';
import type { Cache } from '../../stores/cache/cache.ts';
import { bringDigests, bringPaths } from './transfer/bring.ts';
import type { WantedObject } from './collect.ts';
import { scanIntoCache } from './measure.ts';
import type { SelectedPath } from './select.ts';
import { defaultRemote } from './transfer/transfer.ts';
import { findPresent } from './transfer/presence.ts';
import { inTurns, openWorkspace } from './workspace.ts';

/** Puts other copies in the place of objects that are lost: from the workspace first, then from a remote. */
export async function repair(
  project: Project,
  selected: ReadonlyMap<string, SelectedPath>,
  lost: ReadonlySet<Digest>,
  name: string | null,
): Promise<void> {
  const { cache } = await openWorkspace(project);
  const open = () => [...lost].filter((digest) => !cache.has(digest));
  if (open().length === 0) return;
  await fromWorkspace(project, selected);
  const remote = name ?? defaultRemote(project);
  if (remote === null) return;
  await bringPaths(project, selected, name);
  if (open().length > 0) await fromRemote(project, cache, open(), remote);
}

/** Of what is missing, what the remote lacks too; without a remote all of it. */
export async function stillMissing(
  project: Project,
  missing: ReadonlyMap<Digest, WantedObject[]>,
  name: string | null,
): Promise<Map<Digest, WantedObject[]>> {
  if (name === null || missing.size === 0) return new Map(missing);
  const remote = await project.openRemote(name);
  const { dir } = await project.cache();
  try {
    if (!(await remote.prepare({ dryRun: true }))) return new Map(missing);
    const { sizes, condemned } = await findPresent(remote, dir, missing.keys(), remote.defaultJobs);
    return new Map([...missing].filter(([digest]) => !sizes.has(digest) && !condemned.has(digest)));
  } finally {
    remote.close();
  }
}

/** A file that was not changed since is as good a copy as any. */
async function fromWorkspace(project: Project, selected: ReadonlyMap<string, SelectedPath>): Promise<void> {
  const workspace = await openWorkspace(project);
  try {
    for (const path of selected.keys()) {
      try {
        await workspace.cache.batch((cache) => inTurns(scanIntoCache({ ...workspace, cache }, path), 'cache', project));
      } catch (error) {
        if (!(error instanceof MlopsError) || project.signal.aborted) throw error;
        project.report({ type: 'warning', message: error.message, hint: error.hint });
      }
    }
  } finally {
    workspace.index.save();
  }
}

/** What only older revisions need has no path here, and is asked for by its digest. */
async function fromRemote(project: Project, cache: Cache, digests: readonly Digest[], name: string): Promise<void> {
  const remote = await project.openRemote(name);
  try {
    if (await remote.prepare({ dryRun: true })) await bringDigests(project, cache, digests, remote);
  } finally {
    remote.close();
  }
}
