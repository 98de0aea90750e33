import type { Digest } from '../../../core/digest.ts';
import type { Project } from '../../../project/project.ts';
import { DELETING, whileDeleting, type Note, writeNote } from '../../../stores/remotes/deleting.ts';
import { forgetProject } from '../../../stores/remotes/projects.ts';
import type { Remote } from '../../../stores/remotes/remote.ts';
import type { GcRequest, GcResult } from './gc.ts';
import type { Garbage } from './sweep.ts';
import { markForRemote } from './remote-marks.ts';
import { namesOf } from './names.ts';
import { readContents } from './remote-contents.ts';
import { planRemote, type RemotePlan } from './remote-plan.ts';
import { refuseBlind, rootsOf } from './remote-sight.ts';
import { removePlanned } from './remote-remove.ts';

/** What `gc --remote` was asked. */
export interface RemoteGcRequest extends GcRequest {
  readonly remote: string;
}

/** What would go from a remote now, and what would be noted to go later. */
export interface RemoteGcPlan {
  readonly plan: RemotePlan;
  readonly objects: readonly Garbage[];
  readonly result: GcResult;
}

/** Finds what nothing in the scope needs on a remote. Nothing is removed, and nothing noted. */
export function planRemoteGc(project: Project, request: RemoteGcRequest): Promise<RemoteGcPlan> {
  return withRemote(project, request, (remote) => look(project, request, remote));
}

/** Removes what a note has named for as long as the grace period and still nobody needs; notes what nobody needs now. */
export function collectRemote(project: Project, request: RemoteGcRequest): Promise<GcResult> {
  return withRemote(project, request, async (remote) => {
    for (const id of request.forget) await forgetProject(remote, id);
    const { plan, objects, result } = await look(project, request, remote);
    const cache = await project.cache();
    const isIdle = plan.garbage.size === 0 && plan.repacked.length === 0;
    const stayed = isIdle ? new Set() : await whileDeleting(remote, () => removePlanned(remote, cache.dir, plan));
    const noted = plan.unnoted.size === 0 ? [] : [await writeNote(remote, plan.unnoted)];
    await remote.delete([...plan.done.map(({ id }) => `${DELETING}${id}`), ...plan.abandoned]);
    const unfinished = await remote.endUnfinished(project.now().getTime() - request.graceMilliseconds, {
      dryRun: false,
    });
    const gone = objects.filter(({ digest }) => !stayed.has(digest));
    return {
      ...result,
      kept: result.kept + objects.length - gone.length,
      removed: gone.length,
      bytes: gone.reduce((sum, { size }) => sum + size, 0),
      scheduled: [...plan.pending, ...noted].map((note) => describe(note, plan.sizes, request)),
      dryRun: false,
      unfinished,
      objects: gone,
    };
  });
}

async function look(project: Project, request: RemoteGcRequest, remote: Remote): Promise<RemoteGcPlan> {
  const roots = rootsOf(project, request.projects);
  await refuseBlind(project, remote, roots, request.forget);
  const cache = await project.cache();
  const contents = await readContents(remote, cache.dir);
  const marks = await markForRemote(project, remote, roots, request.scope);
  const now = project.now().getTime();
  const plan = planRemote(contents, marks.has, ({ modified }) => now - modified >= request.graceMilliseconds);
  const names =
    plan.garbage.size === 0 ? new Map<Digest, string>() : await namesOf(project, cache, marks, plan.garbage);
  const objects = [...plan.garbage].map(([digest, size]) => ({ digest, size, path: names.get(digest) ?? null }));
  const next = plan.unnoted.size === 0 ? [] : [{ id: 'new', modified: now, digests: plan.unnoted }];
  const unfinished = await remote.endUnfinished(now - request.graceMilliseconds, { dryRun: true });
  const result = {
    kept: plan.kept,
    removed: objects.length,
    bytes: objects.reduce((sum, { size }) => sum + size, 0),
    scheduled: [...plan.pending, ...next].map((note) => describe(note, plan.sizes, request)),
    dryRun: true,
    unfinished,
    young: 0,
    waiting: 0,
    packs: 0,
    objects,
  };
  return { plan, objects, result };
}

function describe(
  { id, modified, digests }: Note,
  sizes: ReadonlyMap<Digest, number>,
  { graceMilliseconds }: RemoteGcRequest,
) {
  const bytes = [...digests].reduce((sum, digest) => sum + (sizes.get(digest) ?? 0), 0);
  return { id, eligibleAt: new Date(modified + graceMilliseconds).toISOString(), objects: digests.size, bytes };
}

async function withRemote<T>(
  project: Project,
  { remote: name }: RemoteGcRequest,
  work: (remote: Remote) => Promise<T>,
): Promise<T> {
  const remote = await project.openRemote(name);
  const stop = () => remote.close();
  project.signal.addEventListener('abort', stop, { once: true });
  try {
    return await work(remote);
  } finally {
    project.signal.removeEventListener('abort', stop);
    remote.close();
  }
}
