import { lockedPaths } from '../../core/lockfile.ts';
import { compareCodePoints } from '../../core/value.ts';
import type { Project } from '../../project/project.ts';
import { ignoringRule, ownRules, readFolder } from '../../system/list-files.ts';
import { IgnoreRules } from '../../system/ignore-rules.ts';
import { PathOwners } from '../../stores/documents/path-owners.ts';

/** The files of the project that neither Git nor the lockfile nor a stage has, and that no rule ignores. */
export async function untrackedFiles(project: Project): Promise<string[]> {
  const { git, root } = project;
  const known = new PathOwners([]);
  for (const path of lockedPaths(project.readLockfile()).keys()) known.add(path, path);
  for (const { outputs } of (await project.pipeline()).stages) for (const { path } of outputs) known.add(path, path);
  const files = git === null ? [...filesIn(root, '', IgnoreRules.NONE.withOwn(ownRules(root)))] : await git.untracked();
  return files
    .filter((path) => known.overlapping(path) === undefined && ignoringRule(root, path) === undefined)
    .sort(compareCodePoints);
}

function* filesIn(absolute: string, path: string, rules: IgnoreRules): Iterable<string> {
  for (const { name, type } of readFolder(absolute, rules)) {
    const below = `${absolute}/${name}`;
    if (type === 'folder') yield* filesIn(below, `${path}${name}/`, rules.inside(name, ownRules(below)));
    else yield `${path}${name}`;
  }
}
