import type { Digest } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import type { LockedPath } from '../../core/lockfile.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { TreeEntry } from '../../core/tree.ts';
import type { Cache } from '../../stores/cache/cache.ts';
import { readTree } from '../../stores/cache/trees.ts';
import { hasWildcard } from '../../system/ignore-rules.ts';
import { coverOf } from './add/cover.ts';
import { collectObjects } from './collect.ts';
import type { SelectedPath } from './select.ts';

/** Fails with `usage` when a path inside a folder is meant that the folder does not have, as far as its trees are here. */
export function checkInside(cache: Cache, selected: ReadonlyMap<string, SelectedPath>): void {
  for (const [path, { digest, inside }] of selected) {
    for (const wanted of inside ?? []) {
      const missing = hasWildcard(wanted) ? undefined : firstMissing(cache, digest, wanted);
      if (missing === undefined) continue;
      throw new MlopsError('usage', `The lockfile names nothing at ${path}/${wanted}${missing}`, {
        hint: (word) => `mlops add ${word(`${path}/${wanted}`)}`,
      });
    }
  }
}

/** Whether a tracked folder is known to have nothing at a path inside it. */
export function lacks(cache: Cache, { digest }: LockedPath, path: string): boolean {
  return firstMissing(cache, digest, path) !== undefined;
}

/** The same, where a name inside a folder that reads like a pattern, and is there, stands for itself alone. */
export function namesFirst(cache: Cache, selected: ReadonlyMap<string, SelectedPath>): Map<string, SelectedPath> {
  return new Map(
    [...selected].map(([path, { inside, ...locked }]) => {
      if (inside === undefined) return [path, locked];
      const isName = (part: string) => hasWildcard(part) && cache.has(locked.digest) && !lacks(cache, locked, part);
      return [
        path,
        { ...locked, inside: inside.map((part) => (isName(part) ? part.replace(/[*?[\\]/g, '\\$&') : part)) },
      ];
    }),
  );
}

/** What follows in a sentence about a path that a tree lacks; undefined when it has it, or cannot tell. */
function firstMissing(cache: Cache, digest: Digest, path: string): string | undefined {
  let at = digest;
  for (const name of path.split('/')) {
    if (!cache.has(at)) return undefined;
    let entries: readonly TreeEntry[];
    try {
      entries = readTree(cache, at);
    } catch (error) {
      if (error instanceof MlopsError) return undefined;
      throw error;
    }
    const entry = entries.find((one) => one.name === name);
    if (entry === undefined)
      return didYouMean(
        name,
        entries.map((one) => one.name),
      );
    at = entry.digest;
  }
  return undefined;
}

/**
 * The same for what is to be moved: a pattern that matches nothing in a folder is a mistake, too. Of paths of several commits
 * (`<name>:<path>`) one has to have it.
 */
export function checkTargets(cache: Cache, selected: ReadonlyMap<string, SelectedPath>): void {
  const missing = new Map<string, MlopsError | null>();
  for (const [path, locked] of selected) {
    for (const wanted of locked.inside ?? []) {
      const target = `${path.replace(/^[^:]*:/, '')}/${wanted}`;
      if (missing.get(target) !== null) missing.set(target, whyMissing(cache, path, locked, wanted));
    }
  }
  for (const error of missing.values()) if (error !== null) throw error;
}

function whyMissing(cache: Cache, path: string, locked: SelectedPath, wanted: string): MlopsError | null {
  try {
    if (!hasWildcard(wanted)) checkInside(cache, new Map([[path, { ...locked, inside: [wanted] }]]));
    else if (matchesNothing(cache, locked, wanted)) {
      return new MlopsError('usage', `Nothing in ${path} matches ${wanted}.`, { hint: 'mlops status' });
    }
    return null;
  } catch (error) {
    if (error instanceof MlopsError && error.kind === 'usage') return error;
    throw error;
  }
}

/** False, too, where trees are missing that might tell. */
function matchesNothing(cache: Cache, locked: SelectedPath, pattern: string): boolean {
  try {
    const { objects, missingTrees } = collectObjects(cache, new Map([['', { ...locked, inside: [pattern] }]]));
    return missingTrees.length === 0 && objects.every(({ path }) => coverOf(path.slice(1), [pattern]) !== 'all');
  } catch (error) {
    if (error instanceof MlopsError) return false;
    throw error;
  }
}
