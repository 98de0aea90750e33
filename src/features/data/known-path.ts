import { MlopsError } from '../../core/errors.ts';
import { lockedPaths } from '../../core/lockfile.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { Revision } from '../../core/revision.ts';
import type { Project } from '../../project/project.ts';
import type { Node } from './differences.ts';
import { lockfileAt } from './lockfile-at.ts';

/** What a revision tracks, with what is beneath it. */
export interface Side {
  readonly revision: Revision;
  readonly state: ReadonlyMap<string, Node>;
}

/** Refuses a path that no side tracks, nor anything in it or around it: a misspelled one would look like one without changes. */
export async function refuseUnknown(project: Project, path: string, sides: readonly Side[]): Promise<void> {
  if (path === '.' || sides.some(({ state }) => isIn(state, path))) return;
  const names = new Set<string>();
  for (const { revision } of sides) {
    for (const name of lockedPaths(await lockfileAt(project, revision)).keys()) names.add(name);
  }
  // Tracked, and gone from the disk before it was ever committed.
  if ([...names].some((name) => name === path || name.startsWith(`${path}/`))) return;
  throw new MlopsError('usage', `Neither side tracks ${path}${didYouMean(path, [...names])}`, {
    hint: 'mlops status shows what is tracked; behind `--` come paths, before it revisions.',
  });
}

function isIn(state: ReadonlyMap<string, Node>, path: string): boolean {
  for (const [tracked, node] of state) {
    if (tracked === path || tracked.startsWith(`${path}/`)) return true;
    if (path.startsWith(`${tracked}/`) && holds(node, path.slice(tracked.length + 1).split('/'))) return true;
  }
  return false;
}

function holds(node: Node, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return true;
  if (node.entry.kind !== 'tree') return false;
  try {
    for (const child of node.children()) if (child.entry.name === name) return holds(child, rest);
    return false;
  } catch (error) {
    // Its list of files is not here, so nothing can be said against the path.
    if (error instanceof MlopsError && error.kind === 'data-missing') return true;
    throw error;
  }
}
