import { MlopsError } from '../../../core/errors.ts';
import { layoutOf } from '../../../project/layout.ts';
import type { Project } from '../../../project/project.ts';
import type { Remote } from '../../../stores/remotes/remote.ts';
import { bringDigests } from '../transfer/bring.ts';
import { scopeIn } from './gc.ts';
import { type GcScope, visitLockfiles } from './lockfiles.ts';
import { type Marks, openMarks } from './mark.ts';
import { visitYoungRuns, youngSince } from './runs.ts';

/** Marks what the lockfiles of the scope need. Trees that the cache lacks are brought from the remote; one that nobody has is an error. */
export async function markForRemote(
  project: Project,
  remote: Remote,
  roots: readonly string[],
  scope: GcScope,
): Promise<Marks> {
  const cache = await project.cache();
  const marks = openMarks(cache);
  let lockfiles = 0;
  for (const root of roots) {
    await visitLockfiles(project, root, scopeIn(project, root, scope), (lockfile) => {
      lockfiles += 1;
      marks.add(lockfile);
    });
    visitYoungRuns(layoutOf(root).runCache, youngSince(project), marks.add);
  }
  if (lockfiles === 0) {
    throw new MlopsError(
      'refused',
      `There is no lockfile in ${roots.join(' or ')}, so nothing is known to be needed.`,
      {
        hint: 'Bring .mlops.lock.yaml back, from Git or a backup.',
      },
    );
  }
  for (let unread = marks.unread(); unread.length > 0; unread = marks.unread()) {
    await bringDigests(project, cache, unread, remote);
    const [missing] = unread.filter((digest) => !cache.has(digest));
    if (missing !== undefined) {
      throw new MlopsError(
        'data-missing',
        `The list of files ${missing} is neither in the cache nor on ${remote.url}, so what is in it is not known to be needed.`,
        { hint: 'Push it from a clone that has it, or leave its commit out: --skip-rev <sha>' },
      );
    }
    marks.readOn();
  }
  return marks;
}
