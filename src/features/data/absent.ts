import type { Digest } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import type { TreeEntry } from '../../core/tree.ts';
import { buildTree, readTree } from '../../stores/cache/trees.ts';
import type { Measured } from './scan/scan.ts';
import type { Workspace } from './workspace.ts';

/** A folder with what was never in this clone put back into it: a part that was pulled is not the whole. */
export interface Filled {
  readonly entry: TreeEntry;
  /** Paths that the lockfile names and that were never here. */
  readonly absent: readonly string[];
}

/**
 * What a tracked folder is when all that was never in this clone counts as unchanged. What the index says was once here and
 * is gone, is deleted. Undefined: its trees are not here, so it cannot be told what is absent.
 */
export function fillAbsent(
  { index, cache }: Workspace,
  path: string,
  have: Measured,
  want: TreeEntry,
  put: (bytes: Uint8Array) => Digest,
): Filled | undefined {
  const absent: string[] = [];

  function fill(at: string, has: Measured, wants: TreeEntry): TreeEntry {
    if (has.kind !== 'tree' || wants.kind !== 'tree' || has.digest === wants.digest) return has;
    const there = new Map<string, TreeEntry>();
    const children = new Map((has.children ?? []).map((child) => [child.name, child]));
    for (const entry of readTree(cache, wants.digest)) {
      const child = children.get(entry.name);
      const below = `${at}/${entry.name}`;
      if (child !== undefined) there.set(entry.name, fill(below, child, entry));
      else if (!index.wasHere(below)) {
        there.set(entry.name, entry);
        absent.push(below);
      }
    }
    for (const child of children.values()) if (!there.has(child.name)) there.set(child.name, child);
    if (absent.length === 0) return has;
    return { name: has.name, kind: 'tree', ...buildTree([...there.values()], put) };
  }

  try {
    return { entry: fill(path, have, want), absent };
  } catch (error) {
    if (error instanceof MlopsError && error.kind === 'data-missing') return undefined;
    throw error;
  }
}

/** A folder to be recorded, with what was never here as it was. Fails when it cannot be told what that is. */
export function withAbsent(...question: Parameters<typeof fillAbsent>): TreeEntry {
  const filled = fillAbsent(...question);
  if (filled !== undefined) return filled.entry;
  const path = question[1];
  throw new MlopsError('data-missing', `What is in ${path} is not known here, and it is not taken for all there is.`, {
    hint: (word) => `mlops fetch ${word(path)}; or begin anew: mlops remove ${word(path)} && mlops add ${word(path)}`,
  });
}
