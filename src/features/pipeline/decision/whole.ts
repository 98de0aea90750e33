import { MlopsError } from '../../../core/errors.ts';
import type { LockedPath } from '../../../core/lockfile.ts';
import type { Stage } from '../../../core/stage.ts';
import { sameContent, type Snapshot } from './decide.ts';
import { reachesInto } from './absent.ts';
import { recordedPaths, type Session } from '../session.ts';

/**
 * The error when a dependency is a folder of which only a part was ever pulled into this clone: a stage does not run on a part
 * as if it were the whole. Files that were here and are gone are another matter: someone deleted them.
 */
export async function partialDependency(
  session: Session,
  stage: Stage,
  now: Snapshot,
): Promise<MlopsError | undefined> {
  for (const [path, content] of Object.entries(now.deps)) {
    if (content?.kind !== 'tree') continue;
    for (const [folder, recorded] of foldersIn(session, path)) {
      if (folder === path && sameContent(content, recorded)) continue;
      const absent = await session.files.absentFrom(folder, recorded, path);
      if (absent === undefined) continue;
      return new MlopsError('data-missing', `Stage "${stage.name}" reads ${path}, but ${absent} was never pulled.`, {
        hint: `mlops pull ${folder}`,
      });
    }
  }
  return undefined;
}

/** The recorded folders that a dependency is, contains, or lies in. */
function foldersIn({ lockfile }: Session, path: string): [string, LockedPath][] {
  const exact = recordedPaths(lockfile).get(path);
  if (exact !== undefined) return [[path, exact]];
  return [...recordedPaths(lockfile)].filter(([recorded, { kind }]) => kind === 'tree' && reachesInto(path, recorded));
}
