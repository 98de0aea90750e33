import type { LockedPath, LockedTree } from '../../../core/lockfile.ts';
import type { TreeEntry } from '../../../core/tree.ts';
import { compareCodePoints } from '../../../core/value.ts';
import type { Project } from '../../../project/project.ts';
import { buildTree } from '../../../stores/cache/trees.ts';
import { digestOf } from '../../../system/hash.ts';
import { expandGlob } from '../../../system/list-files.ts';
import { entryOf, measurePath } from '../../data/measure.ts';

/** All files that a pattern matches as one content: the folder that would hold them and nothing else. Null when there are none. */
export async function measureGlob(project: Project, pattern: string): Promise<LockedPath | null> {
  const top: Folder = new Map();
  for (const path of await expandGlob(pattern, project.root)) {
    const content = await measurePath(project, path);
    if (content !== undefined) place(top, path.split('/'), content);
  }
  return top.size === 0 ? null : treeOf(top);
}

type Folder = Map<string, LockedPath | Folder>;

function place(folder: Folder, [name = '', ...rest]: readonly string[], content: LockedPath): void {
  if (rest.length === 0) {
    folder.set(name, content);
    return;
  }
  const found = folder.get(name);
  const below: Folder = found instanceof Map ? found : new Map();
  folder.set(name, below);
  place(below, rest, content);
}

function treeOf(folder: Folder): LockedTree {
  const entries = [...folder].map(([name, content]): TreeEntry => {
    return entryOf(name, content instanceof Map ? treeOf(content) : content);
  });
  entries.sort((a, b) => compareCodePoints(a.name, b.name));
  const { digest, size, files } = buildTree(entries, digestOf);
  return { kind: 'tree', digest, size, files };
}
