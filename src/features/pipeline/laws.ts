import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { invalidFile, type Problem, systemCode } from '../../core/errors.ts';
import type { Lockfile } from '../../core/lockfile.ts';
import type { Stage } from '../../core/stage.ts';
import { LOCKFILE } from '../../project/layout.ts';
import type { Project } from '../../project/project.ts';
import { foldPath } from '../../stores/documents/project-path.ts';
import { foldersAbove } from '../../core/overlap.ts';

/** Refuses outputs that are, contain, or lie in data that `add` tracks: a path has one owner. */
export function checkPaths(stages: readonly Stage[], lockfile: Lockfile): void {
  const tracked = new Map(Object.keys(lockfile.data).map((path) => [foldPath(path), path]));
  if (tracked.size === 0) return;
  const above = new Map(
    [...tracked].flatMap(([folded, path]) => foldersAbove(folded).map((at) => [at, path] as const)),
  );
  const problems = stages.flatMap((stage) =>
    stage.outputs.flatMap((output): Problem[] => {
      const folded = foldPath(output.path);
      const around = foldersAbove(folded).find((at) => tracked.has(at)) ?? '';
      const data = tracked.get(folded) ?? tracked.get(around) ?? above.get(folded);
      if (data === undefined) return [];
      const message = `"${output.path}" is an output of the stage "${stage.name}", but ${LOCKFILE} tracks ${data} as data. A path has one owner.`;
      return [{ ...stage.place, message }];
    }),
  );
  if (problems.length > 0) throw invalidFile(problems, 'mlops remove <path>, or give the stage another output');
}

/** Refuses outputs for the cache that Git tracks, and outputs that a symbolic link would lead elsewhere. */
export async function checkOutputsOnDisk({ root, git }: Project, stages: readonly Stage[]): Promise<void> {
  const outputs = stages.flatMap((stage) => stage.outputs.map((output) => ({ stage, output })));
  const cached = outputs.filter(({ output }) => output.cache).map(({ output }) => output.path);
  const inGit = git === null || cached.length === 0 ? new Set<string>() : await git.trackedAmong(cached);
  const linked = new Map<string, boolean>();
  const isLinked = (folder: string) => {
    const known = linked.get(folder) ?? isLink(join(root, folder));
    linked.set(folder, known);
    return known;
  };
  const problems = outputs.flatMap(({ stage, output }): Problem[] => {
    const link = foldersAbove(output.path).find(isLinked);
    if (link !== undefined) {
      return [
        {
          ...stage.place,
          message: `"${output.path}", an output of the stage "${stage.name}", leads through the symbolic link ${link}.`,
        },
      ];
    }
    if (!inGit.has(output.path)) return [];
    return [
      { ...stage.place, message: `"${output.path}", an output of the stage "${stage.name}", is tracked by Git.` },
    ];
  });
  if (problems.length === 0) return;
  const [first] = inGit;
  throw invalidFile(
    problems,
    first === undefined ? undefined : `git rm -r --cached ${first}   (the file stays), or cache: false`,
  );
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return false;
    throw error;
  }
}
