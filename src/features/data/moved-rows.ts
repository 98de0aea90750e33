import { readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import type { WorkspaceIndex } from '../../stores/index/index.ts';
import { lookAt } from '../../system/list-files.ts';

/** Takes along what the index knows of a path that is about to be renamed; the function it returns is for when it was. */
export function knowMoved(root: string, index: WorkspaceIndex, from: string, to: string): () => void {
  const rows: { readonly path: string; readonly stat: Stats; readonly digest: Digest }[] = [];

  function visit(path: string): void {
    const stat = lookAt(join(root, path));
    if (stat?.isDirectory()) {
      for (const name of readdirSync(join(root, path))) visit(`${path}/${name}`);
      return;
    }
    const digest = stat?.isFile() ? index.lookUp(path, stat) : undefined;
    if (stat !== undefined && digest !== undefined) rows.push({ path: to + path.slice(from.length), stat, digest });
  }

  visit(from);
  // With the state from before the move: a file that changes in between does not match it.
  return () => {
    for (const { path, stat, digest } of rows) index.record(path, stat, digest);
  };
}
