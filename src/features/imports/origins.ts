import { MlopsError } from '../../core/errors.ts';
import type { LockedData } from '../../core/lockfile.ts';
import { isMap } from '../../core/value.ts';
import type { Project } from '../../project/project.ts';
import { contextOf } from './context.ts';
import { findInSource } from './find.ts';
import { openSource } from './source.ts';
import { fetchUrl } from './url.ts';

/** Brings imported data into the cache from where it came from, at the commit that is pinned. Returns the paths that came; of the others it warns. */
export async function bringFromOrigins(project: Project, paths: readonly string[]): Promise<string[]> {
  const { data } = project.readLockfile();
  const brought: string[] = [];
  for (const path of paths) {
    const locked = data[path];
    if (locked === undefined || !isMap(locked.from)) continue;
    try {
      await bringOne(project, path, locked);
      brought.push(path);
    } catch (error) {
      if (!(error instanceof MlopsError) || project.signal.aborted) throw error;
      project.report({
        type: 'warning',
        message: `${path} cannot be had from its origin: ${error.message}`,
        hint: error.hint,
      });
    }
  }
  return brought;
}

async function bringOne(project: Project, path: string, { digest, from }: LockedData): Promise<void> {
  const { url, repo, path: there, commit } = isMap(from) ? from : {};
  if (typeof url === 'string') {
    const fetched = await fetchUrl(project, url, null);
    if (fetched?.locked.digest === digest) return;
    throw new MlopsError('data-missing', `${url} has changed since.`, { hint: `mlops update ${path}` });
  }
  if (typeof repo !== 'string' || typeof there !== 'string' || typeof commit !== 'string') {
    throw new MlopsError('invalid-file', `What the lockfile says of the origin of ${path} makes no sense.`);
  }
  const context = await contextOf(project);
  const source = await openSource(context, repo, commit);
  try {
    const found = await findInSource(context, source, there);
    if (found.locked.digest !== digest)
      throw new MlopsError('damaged', `${repo} has something else at ${there} than the lockfile says.`);
    await found.bring();
  } finally {
    source.close();
  }
}
