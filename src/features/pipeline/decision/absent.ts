import { join } from 'node:path';
import { MlopsError } from '../../../core/errors.ts';
import type { Digest } from '../../../core/digest.ts';
import { globMatches, globReaches, overlaps } from '../../../core/overlap.ts';
import type { LockedPath } from '../../../core/lockfile.ts';
import type { TreeEntry } from '../../../core/tree.ts';
import type { Project } from '../../../project/project.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import { readTree } from '../../../stores/cache/trees.ts';
import { isPattern } from '../../../stores/documents/project-path.ts';
import { lookAt } from '../../../system/list-files.ts';
import { measurePath } from '../../data/measure.ts';

/**
 * What a recorded path is or holds, a dependency reaches, and was never in this clone. A folder inside that the cache cannot list
 * is such a path as well, unless it is here exactly as recorded. Undefined when all of it is here, or was and somebody deleted it.
 */
export async function findAbsent(
  project: Project,
  top: string,
  recorded: LockedPath,
  dependency: string,
): Promise<string | undefined> {
  const cache = await project.cache();
  const index = await project.index();
  const isHere = (path: string) => lookAt(join(project.root, path)) !== undefined;

  const isAbsent = (file: string) => reads(dependency, file) && !isHere(file) && !index.wasHere(file);

  async function findIn(at: string, digest: Digest): Promise<string | undefined> {
    if (!reachesInto(dependency, at)) return undefined;
    const entries = listed(cache, digest);
    if (entries === undefined) return (await isWhole(at, digest)) ? undefined : at;
    for (const { name, kind, digest: below } of entries) {
      const path = `${at}/${name}`;
      if (kind === 'tree') {
        const absent = await findIn(path, below);
        if (absent !== undefined) return absent;
      } else if (isAbsent(path)) return path;
    }
    return undefined;
  }

  async function isWhole(path: string, digest: Digest): Promise<boolean> {
    if (!isHere(path)) return index.wasHere(path);
    return (await measurePath(project, path))?.digest === digest;
  }

  if (recorded.kind === 'tree') return findIn(top, recorded.digest);
  return isAbsent(top) ? top : undefined;
}

/** Whether a dependency may read something inside a folder. */
export function reachesInto(dependency: string, folder: string): boolean {
  return isPattern(dependency) ? globReaches(dependency, folder) : overlaps(dependency, folder);
}

function reads(dependency: string, file: string): boolean {
  return isPattern(dependency) ? globMatches(dependency, file) : overlaps(dependency, file);
}

/** Undefined when the tree is not in the cache, or damaged. */
function listed(cache: Cache, digest: Digest): readonly TreeEntry[] | undefined {
  try {
    return readTree(cache, digest);
  } catch (error) {
    if (error instanceof MlopsError && ['data-missing', 'damaged'].includes(error.kind)) return undefined;
    throw error;
  }
}
