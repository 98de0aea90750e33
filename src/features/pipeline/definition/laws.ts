import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { invalidFile, type Problem, systemCode } from '../../../core/errors.ts';
import type { Lockfile } from '../../../core/lockfile.ts';
import type { Place, Stage } from '../../../core/stage.ts';
import { LOCKFILE } from '../../../project/layout.ts';
import type { Project } from '../../../project/project.ts';
import { foldPath } from '../../../stores/documents/project-path.ts';
import { foldersAbove } from '../../../core/overlap.ts';

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
      return [{ ...placeOf(stage, output.path), message }];
    }),
  );
  if (problems.length > 0) throw invalidFile(problems, 'mlops remove <path>, or give the stage another output');
}

/** Refuses outputs for the cache that Git tracks, and outputs whose folder is a file, or a symbolic link to somewhere else. */
export async function checkOutputsOnDisk({ root, git }: Project, stages: readonly Stage[]): Promise<void> {
  const outputs = stages.flatMap((stage) => stage.outputs.map((output) => ({ ...output, stage })));
  const cached = outputs.filter(({ cache }) => cache).map(({ path }) => path);
  const inGit = git === null || cached.length === 0 ? new Set<string>() : await git.trackedAmong(cached);
  const kinds = new Map<string, PathKind>();
  const kindOf = (folder: string): PathKind => {
    const kind = kinds.get(folder) ?? lookAt(join(root, folder));
    kinds.set(folder, kind);
    return kind;
  };
  const whatIsWrong = (path: string): string | null => {
    for (const folder of foldersAbove(path)) {
      if (kindOf(folder) === 'link') return `leads through the symbolic link ${folder}`;
      if (kindOf(folder) === 'file') return `cannot be written, as ${folder} is a file`;
    }
    return inGit.has(path) ? 'is tracked by Git' : null;
  };
  const problems = outputs.flatMap(({ path, stage }): Problem[] => {
    const wrong = whatIsWrong(path);
    if (wrong === null) return [];
    return [{ ...placeOf(stage, path), message: `"${path}", an output of the stage "${stage.name}", ${wrong}.` }];
  });
  if (problems.length === 0) return;
  const [first] = inGit;
  const hint = first === undefined ? undefined : `git rm -r --cached ${first}   (the file stays), or cache: false`;
  throw invalidFile(problems, hint);
}

function placeOf({ place, places }: Stage, output: string): Place {
  return places.outputs.get(output) ?? place;
}

type PathKind = 'folder' | 'file' | 'link' | 'nothing';

function lookAt(path: string): PathKind {
  try {
    const stat = lstatSync(path);
    return stat.isSymbolicLink() ? 'link' : stat.isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return 'nothing';
    throw error;
  }
}
