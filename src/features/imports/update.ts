import { MlopsError } from '../../core/errors.ts';
import type { LockedData, LockedPath } from '../../core/lockfile.ts';
import { equalValues, isMap, type ValueMap } from '../../core/value.ts';
import type { Project } from '../../project/project.ts';
import type { AddResult } from '../data/add/add.ts';
import { trackedData } from '../data/tracked.ts';
import { findInSource } from './find.ts';
import { type Arrival, arrive, resultOf } from './import.ts';
import { contextOf } from './context.ts';
import { openSource } from './source.ts';
import { fetchUrl } from './url.ts';

/** What `update` was asked: imported paths as typed, and a revision in place of the one they were imported at. */
export interface UpdateRequest {
  readonly paths: readonly string[];
  readonly rev: string | null;
  readonly force: boolean;
  readonly download: boolean;
  readonly dryRun: boolean;
}

/** Moves imported data on to what its origin has now. Fails with `refused` where the workspace has something that is nowhere else. */
export async function updateImports(project: Project, request: UpdateRequest): Promise<AddResult> {
  const { data } = project.readLockfile();
  const paths = trackedData(project.readLockfile(), await project.pipeline(), request.paths, project);
  const arrivals: Arrival[] = [];
  const unchanged: string[] = [];
  const changedFiles = new Set<string>();
  for (const path of paths) {
    const before = data[path];
    if (before === undefined) continue;
    const found = await lookAgain(project, path, before, request.rev);
    if (found === null || (found.locked.digest === before.digest && equalValues(found.from, before.from))) {
      unchanged.push(path);
      continue;
    }
    const arrival = { path, locked: found.locked, from: found.from };
    arrivals.push(arrival);
    if (request.dryRun) continue;
    if (request.download) await found.bring();
    for (const file of await arrive(project, arrival, request.download, request.force)) changedFiles.add(file);
  }
  return resultOf(arrivals, [...changedFiles], unchanged);
}

interface Later {
  readonly locked: LockedPath;
  readonly from: ValueMap;
  readonly bring: () => Promise<void>;
}

/** What the origin has now; null when it says that nothing changed. */
async function lookAgain(
  project: Project,
  path: string,
  { from }: LockedData,
  rev: string | null,
): Promise<Later | null> {
  const { repo, path: there, rev: usual, url } = isMap(from) ? from : ({} as ValueMap);
  if (typeof url === 'string' && isMap(from)) {
    if (rev !== null)
      throw new MlopsError('usage', `${path} was imported from a URL, which has no revisions.`, {
        hint: `mlops update ${path}`,
      });
    const fetched = await fetchUrl(project, url, from);
    return fetched === null ? null : { ...fetched, bring: async () => undefined };
  }
  if (typeof repo !== 'string' || typeof there !== 'string') {
    throw new MlopsError('usage', `${path} was not imported, so it has no origin.`, { hint: `mlops add ${path}` });
  }
  const wanted = rev ?? (typeof usual === 'string' ? usual : null);
  const context = await contextOf(project);
  const source = await openSource(context, repo, wanted);
  try {
    const found = await findInSource(context, source, there);
    const own = { repo, path: there, ...(wanted === null ? {} : { rev: wanted }), commit: source.commit.sha };
    return { locked: found.locked, from: found.from ?? own, bring: found.bring };
  } finally {
    source.close();
  }
}
