import { MlopsError } from '../../core/errors.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import type { Project } from '../../project/project.ts';
import type { Cache } from '../../stores/cache/cache.ts';
import { hasWildcard } from '../../system/ignore-rules.ts';
import { collectObjects } from './collect.ts';
import { lockfileAt, revisionOf } from './lockfile-at.ts';
import { checkInside } from './inside.ts';
import { type SelectedPath, selectPaths } from './select.ts';
import { findInside } from './add/set-inside.ts';

/** How much a tracked path holds. */
export interface PathUsage {
  readonly path: string;
  /** Bytes of its files, as often as they are there. */
  readonly size: number;
  readonly files: number;
}

/** The document of `du`. */
export interface UsageResult {
  readonly paths: readonly PathUsage[];
  /** Of all of them together. */
  readonly size: number;
  readonly files: number;
  /** Bytes of the different contents among the files; null when a list of files is not here. */
  readonly distinct: number | null;
}

/** What `du` was asked: targets as typed (none: all), and a revision (null: the workspace's lockfile). */
export interface UsageRequest {
  readonly targets: readonly string[];
  readonly rev: string | null;
}

/** Sizes of tracked paths, as the lockfile of a revision has them. Nothing in the workspace is looked at. */
export async function diskUsage(project: Project, { targets, rev }: UsageRequest): Promise<UsageResult> {
  const revision = await revisionOf(project, rev);
  const lockfile = await lockfileAt(project, revision);
  const pipeline = revision.type === 'workspace' ? await project.pipeline() : noStages(await project.pipeline());
  const cache = await project.cache();
  const selected = selectPaths(lockfile, pipeline, targets, project);
  checkInside(cache, selected);
  const paths = [...selected].flatMap(([path, locked]) => usageOf(cache, path, locked));
  return {
    paths,
    size: paths.reduce((sum, { size }) => sum + size, 0),
    files: paths.reduce((sum, { files }) => sum + files, 0),
    distinct: distinctBytes(cache, selected),
  };
}

function noStages(pipeline: Pipeline): Pipeline {
  return { ...pipeline, stages: [] };
}

function usageOf(cache: Cache, path: string, locked: SelectedPath): PathUsage[] {
  const { inside } = locked;
  if (inside === undefined) return [{ path, size: locked.size, files: locked.kind === 'tree' ? locked.files : 1 }];
  return inside.map((part) => {
    const found = hasWildcard(part) ? undefined : findInside(cache, locked, part);
    if (found !== undefined) return { path: `${path}/${part}`, size: found.size, files: found.files };
    const { objects, missingTrees } = collectObjects(cache, new Map([[path, { ...locked, inside: [part] }]]));
    if (missingTrees.length > 0) throw unknown(path);
    const files = objects.filter(({ isTree }) => !isTree);
    return { path: `${path}/${part}`, size: files.reduce((sum, { size }) => sum + size, 0), files: files.length };
  });
}

function distinctBytes(cache: Cache, selected: ReadonlyMap<string, SelectedPath>): number | null {
  const { objects, missingTrees } = collectObjects(cache, selected);
  if (missingTrees.length > 0) return null;
  const sizes = new Map(objects.flatMap(({ digest, size, isTree }) => (isTree ? [] : [[digest, size] as const])));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

function unknown(path: string): MlopsError {
  return new MlopsError('data-missing', `What is in ${path} is not known here.`, {
    hint: (word) => `mlops fetch ${word(path)}`,
  });
}
