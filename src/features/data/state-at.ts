import { lockedPaths } from '../../core/lockfile.ts';
import { foldersAbove } from '../../core/overlap.ts';
import type { Revision } from '../../core/revision.ts';
import type { Project } from '../../project/project.ts';
import { digestOf } from '../../system/hash.ts';
import { fillAbsent } from './absent.ts';
import { measuredNode, type Node, storedNode } from './differences.ts';
import { lockfileAt } from './lockfile-at.ts';
import { entryOf, measureOwnSteps } from './measure.ts';
import { inTurns, type Workspace } from './workspace.ts';

/** Each tracked path of a revision, with what is beneath it. */
export async function stateAt(project: Project, workspace: Workspace, revision: Revision): Promise<Map<string, Node>> {
  const state = new Map<string, Node>();
  for (const [path, locked] of lockedPaths(await lockfileAt(project, revision))) {
    const entry = entryOf(path.slice(path.lastIndexOf('/') + 1), locked);
    if (revision.type === 'commit') {
      state.set(path, storedNode(workspace.cache, entry));
      continue;
    }
    const have = await inTurns(measureOwnSteps(workspace, path), 'hash', project);
    // What was never here is not gone: it is as the lockfile says.
    if (have === undefined) {
      if (!workspace.index.wasHere(path)) state.set(path, storedNode(workspace.cache, entry));
      continue;
    }
    const absent = fillAbsent(workspace, path, have, entry, digestOf)?.absent ?? [];
    state.set(
      path,
      absent.length === 0
        ? measuredNode(have)
        : withAbsent(path, measuredNode(have), storedNode(workspace.cache, entry), {
            paths: new Set(absent),
            above: new Set(absent.flatMap(foldersAbove)),
          }),
    );
  }
  return state;
}

/** Paths that were never here, and the folders that they are missing from. */
interface Absent {
  readonly paths: ReadonlySet<string>;
  readonly above: ReadonlySet<string>;
}

/** What is in the workspace, and the parts of it that were never here as the lockfile has them. */
function withAbsent(path: string, have: Node, want: Node, absent: Absent): Node {
  return {
    entry: have.entry,
    *children() {
      const wanted = new Map([...want.children()].map((child) => [child.entry.name, child]));
      const there = [...have.children()];
      for (const child of there) {
        const below = `${path}/${child.entry.name}`;
        const other = wanted.get(child.entry.name);
        const isPart = other !== undefined && absent.above.has(below);
        yield isPart ? withAbsent(below, child, other, absent) : child;
      }
      for (const [name, child] of wanted) if (absent.paths.has(`${path}/${name}`)) yield child;
    },
  };
}
