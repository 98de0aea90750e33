import { MlopsError } from '../../../core/errors.ts';
import type { LockedPath } from '../../../core/lockfile.ts';
import { shellWord } from '../../../core/shell-word.ts';
import type { Stage } from '../../../core/stage.ts';
import { sameContent, type Snapshot } from './decide.ts';
import { reachesInto } from './absent.ts';
import { recordedPaths, type Session } from '../session.ts';

/** A recorded path of which a dependency lacks something that was never in this clone. */
export interface Partial {
  readonly path: string;
  readonly recorded: LockedPath;
  readonly absent: string;
}

/**
 * The error when something that a dependency is or contains was never pulled into this clone: a stage does not run on a part as
 * if it were the whole. Files that were here and are gone are another matter: someone deleted them.
 */
export async function partialDependency(
  session: Session,
  stage: Stage,
  now: Snapshot,
): Promise<MlopsError | undefined> {
  for (const [dependency, content] of Object.entries(now.deps)) {
    for await (const { path, absent } of partialIn(session, dependency, content)) {
      const message = `Stage "${stage.name}" reads ${dependency}, but ${absent} was never pulled.`;
      return new MlopsError('data-missing', message, { hint: `mlops pull ${shellWord(path)}` });
    }
  }
  return undefined;
}

/** What is recorded of a folder or pattern and is here in part. */
export async function* partialIn(
  session: Session,
  dependency: string,
  content: LockedPath | null,
): AsyncIterable<Partial> {
  if (content?.kind !== 'tree') return;
  for (const [path, recorded] of recordedIn(session, dependency)) {
    if (path === dependency && sameContent(content, recorded)) continue;
    const absent = await session.files.absentFrom(path, recorded, dependency);
    if (absent !== undefined) yield { path, recorded, absent };
  }
}

/** The recorded paths that a dependency is, contains, or lies in. */
function recordedIn({ lockfile }: Session, dependency: string): [string, LockedPath][] {
  const exact = recordedPaths(lockfile).get(dependency);
  if (exact !== undefined) return [[dependency, exact]];
  return [...recordedPaths(lockfile)].filter(([path]) => reachesInto(dependency, path));
}
