import { basename } from 'node:path';
import type { LockedData, LockedPath } from '../../core/lockfile.ts';
import { equalValues, type ValueMap } from '../../core/value.ts';
import { LOCKFILE } from '../../project/layout.ts';
import type { Project } from '../../project/project.ts';
import { ignoreInGit } from '../../stores/git/ignore.ts';
import type { AddResult } from '../data/add/add.ts';
import { inPlaceOf, refusePlace } from '../data/add/copy-in.ts';
import { checkoutPath } from '../data/checkout/checkout.ts';
import { projectPathOf } from '../data/select.ts';
import { contextOf } from './context.ts';
import { findInSource } from './find.ts';
import { placeFor, sourcePath } from './paths.ts';
import { openSource } from './source.ts';

/** What `import` was asked: data of another repository, and where in this project it goes; all as typed. */
export interface ImportRequest {
  readonly repo: string;
  readonly path: string;
  readonly out: string | null;
  readonly rev: string | null;
  readonly force: boolean;
  /** False: the lockfile names it, and `pull` brings it. */
  readonly download: boolean;
  readonly dryRun: boolean;
}

/** Tracks a file or folder of another repository, pinned to a commit. What it was imported from there is named as its origin. */
export async function importPath(project: Project, request: ImportRequest): Promise<AddResult> {
  const path = sourcePath(request.path);
  const target = projectPathOf(placeFor(project.cwd, request.out, basename(path)), project);
  await refusePlace(project, target, request.force);
  const context = await contextOf(project);
  const source = await openSource(context, request.repo, request.rev);
  try {
    const { locked, from, bring } = await findInSource(context, source, path);
    const own = {
      repo: request.repo,
      path,
      ...(request.rev === null ? {} : { rev: request.rev }),
      commit: source.commit.sha,
    };
    const arrival: Arrival = { path: target, locked, from: from ?? own };
    if (request.dryRun) return resultOf([arrival], []);
    if (request.download) await bring();
    const changedFiles = await inPlaceOf(project, target, () => arrive(project, arrival, request.download));
    return resultOf([arrival], changedFiles);
  } finally {
    source.close();
  }
}

/** Data that came from elsewhere, and the place in the project that it has. */
export interface Arrival {
  readonly path: string;
  readonly locked: LockedPath;
  readonly from: ValueMap;
}

/** Checks data out into its place, and has the lockfile name it with its origin. Returns the files that changed for Git. */
export async function arrive(
  project: Project,
  { path, locked, from }: Arrival,
  isHere: boolean,
  force = false,
): Promise<string[]> {
  if (isHere) await checkoutPath(project, path, locked, force);
  const ignored = project.git === null ? [] : await ignoreInGit(project, [path]);
  let hasChanged = false;
  await project.updateLockfile((current) => {
    const entry: LockedData = { ...locked, from };
    const before = current.data[path];
    hasChanged = before?.digest !== locked.digest || !equalValues(before.from, from);
    return hasChanged ? { ...current, data: { ...current.data, [path]: entry } } : current;
  });
  const index = await project.index();
  if (isHere) index.track(path);
  index.save();
  return hasChanged ? [LOCKFILE, ...ignored] : ignored;
}

/** The document of what came, as `add` has it. */
export function resultOf(
  arrivals: readonly Arrival[],
  changedFiles: readonly string[],
  unchanged: readonly string[] = [],
): AddResult {
  const added = arrivals.map(({ path, locked: { digest, size, ...more } }) => ({
    path,
    digest,
    size,
    files: 'files' in more ? more.files : null,
  }));
  return { added, unchanged, changedFiles };
}
