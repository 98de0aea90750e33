import type { LockedPath } from '../../../core/lockfile.ts';
import { foldersAbove } from '../../../core/overlap.ts';
import type { Project } from '../../../project/project.ts';
import { isPattern } from '../../../stores/documents/project-path.ts';
import { digestOf } from '../../../system/hash.ts';
import { fillAbsent } from '../../data/absent.ts';
import { findInside } from '../../data/add/set-inside.ts';
import { checkoutPath } from '../../data/checkout/checkout.ts';
import { entryOf, lockedOf, measureOwnSteps, measureSteps } from '../../data/measure.ts';
import { namesFirst } from '../../data/inside.ts';
import { inTurns, openWorkspace } from '../../data/workspace.ts';

/** Puts in place what of a recorded path was never in this clone, and what is missing of these paths; the rest stays as it is. */
export async function completePath(
  project: Project,
  path: string,
  content: LockedPath,
  missing: readonly string[],
): Promise<void> {
  const workspace = await openWorkspace(project);
  const have = await inTurns(measureOwnSteps(workspace, path), 'verify', project);
  if (have === undefined) return checkoutPath(project, path, content);
  const filled = fillAbsent(workspace, path, have, entryOf(path, content), digestOf);
  const wanted = [...(filled?.absent ?? []), ...missing].filter((one) => one.startsWith(`${path}/`));
  const inside = wanted.map((one) => one.slice(path.length + 1));
  const selected = namesFirst(workspace.cache, new Map([[path, { ...content, inside }]]));
  for (const part of selected.values()) await checkoutPath(project, path, part);
}

/** What a dependency is once all that was never in this clone has been put in place. */
export async function completedContent(
  project: Project,
  path: string,
  content: LockedPath | null,
  recorded: ReadonlyMap<string, LockedPath>,
): Promise<LockedPath | null> {
  if (isPattern(path) || content?.kind === 'file') return content;
  const workspace = await openWorkspace(project);
  const around = foldersAbove(path).find((folder) => recorded.has(folder));
  const exact = recorded.get(path);
  const [folder, inside] = around === undefined ? [] : [recorded.get(around), path.slice(around.length + 1)];
  const want =
    exact !== undefined
      ? entryOf(path, exact)
      : folder && inside !== undefined
        ? findInside(workspace.cache, folder, inside)
        : undefined;
  if (want === undefined) return content;
  const have = content === null ? undefined : await inTurns(measureSteps(workspace, path), 'hash', project);
  const filled = have && fillAbsent(workspace, path, have, want, digestOf);
  return lockedOf(filled?.entry ?? want) ?? null;
}
