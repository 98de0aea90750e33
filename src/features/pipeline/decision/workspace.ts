import { join } from 'node:path';
import type { Digest } from '../../../core/digest.ts';
import { MlopsError } from '../../../core/errors.ts';
import type { LockedPath } from '../../../core/lockfile.ts';
import type { ValueMap } from '../../../core/value.ts';
import type { Project } from '../../../project/project.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import { treeObjects } from '../../../stores/cache/trees.ts';
import { selectParams } from '../../../stores/documents/select-params.ts';
import { readTextFile } from '../../../system/write-file.ts';
import { measurePath, storePath } from '../../data/measure.ts';
import { findAbsent, reachesInto } from './absent.ts';
import { measureGlob } from './measure-glob.ts';
import { isPattern } from '../../../stores/documents/project-path.ts';
import type { Workspace } from './snapshot.ts';

/** The project's files, looked at and written to as a pipeline needs it. */
export interface StageFiles extends Workspace {
  /** All values of a params file, `texts` standing in for files; null when it is not there. */
  paramsFile(file: string, texts: ReadonlyMap<string, string>): Promise<ValueMap | null>;
  /** Puts what is at a path into the cache. */
  store(path: string): Promise<LockedPath>;
  /** Whether all objects of a content are in the cache. */
  holds(content: LockedPath): boolean;
  /** The same with their bytes read and verified: what is damaged goes into quarantine. */
  holdsSound(content: LockedPath): boolean;
  /** What a recorded path is or holds, a dependency reaches, and was never in this clone. */
  absentFrom(folder: string, recorded: LockedPath, dependency: string): Promise<string | undefined>;
  /** Remembers that these paths are in the workspace because the lockfile names them. */
  track(paths: readonly string[]): void;
  /**
   * From now on: which of the files that paths or patterns name somebody was found to have written to, whatever they hold now,
   * and which params files were written to and hold what they held.
   */
  watch(paths: readonly string[], paramsFiles: readonly string[]): Promise<() => Promise<string[]>>;
  /** Keeps what was learnt of the files for the next command. */
  save(): void;
  /** Makes a path what was recorded. What is there now must be safe already. */
  checkout(path: string, content: LockedPath): Promise<void>;
  /** Puts in place what of a recorded path was never in this clone, and what is missing of these paths; the rest stays as it is. */
  complete(path: string, content: LockedPath, missing: readonly string[]): Promise<void>;
  /** What a dependency is once all that was never in this clone has been put in place. */
  completed(
    path: string,
    content: LockedPath | null,
    recorded: ReadonlyMap<string, LockedPath>,
  ): Promise<LockedPath | null>;
}

/**
 * Opens the project's files for a pipeline. A params file is parsed once as long as its text stays the same; `texts` stand in
 * for params files that a real run would have changed.
 */
export async function openFiles(project: Project, texts: ReadonlyMap<string, string>): Promise<StageFiles> {
  const cache = await project.cache();
  const index = await project.index();
  const parsed = new Map<string, { text: string; values: ValueMap }>();

  async function readParams(file: string, instead: ReadonlyMap<string, string>): Promise<ValueMap | null> {
    const text = instead.get(file) ?? readTextFile(join(project.root, file));
    if (text === undefined) return null;
    const known = parsed.get(file);
    if (known?.text === text) return known.values;
    const { parseParams } = await import('../../../stores/documents/params-file.ts');
    const values = parseParams(text, file);
    parsed.set(file, { text, values });
    return values;
  }

  return {
    root: project.root,
    // The process's own is looked up anew with each look at it.
    env: { ...project.env },
    measure: async (path) =>
      isPattern(path) ? measureGlob(project, path) : ((await measurePath(project, path)) ?? null),
    async params(file, names) {
      const values = await readParams(file, texts);
      return values === null ? null : selectParams(values, names, file);
    },
    paramsFile: readParams,
    store: async (path) => storePath(project, path),
    holds: (content) => holds(cache, content, (digest) => cache.has(digest)),
    holdsSound: (content) => holds(cache, content, (digest) => cache.isSound(digest)),
    absentFrom: (folder, recorded, dependency) => findAbsent(project, folder, recorded, dependency),
    track: (paths) => paths.forEach((path) => index.track(path)),
    async watch(paths, paramsFiles) {
      const measure = () => Promise.all(paramsFiles.map((file) => measurePath(project, file)));
      const before = await measure();
      const from = index.rewritten.length;
      return async () => {
        const after = await measure();
        const since = index.rewritten.slice(from);
        // With another text, what counts are the values that the stage reads.
        const same = paramsFiles.filter((_, at) => before[at]?.digest === after[at]?.digest);
        return [
          ...paths.filter((path) => since.some((file) => reachesInto(path, file))),
          ...same.filter((file) => since.includes(file)),
        ];
      };
    },
    save: () => index.save(),
    complete: async (...question) => (await import('./complete.ts')).completePath(project, ...question),
    completed: async (...question) => (await import('./complete.ts')).completedContent(project, ...question),
    checkout: async (path, content) => {
      const { checkoutPath } = await import('../../data/checkout/checkout.ts');
      await checkoutPath(project, path, content);
    },
  };
}

function holds(cache: Cache, content: LockedPath, isHeld: (digest: Digest) => boolean): boolean {
  if (content.kind === 'file') return isHeld(content.digest);
  try {
    let all = true;
    // Trees are verified as they are read.
    for (const { digest, isTree } of treeObjects(cache, content.digest)) all = (isTree || isHeld(digest)) && all;
    return all;
  } catch (error) {
    // A tree on the way is not in the cache, or damaged.
    if (error instanceof MlopsError && ['data-missing', 'damaged'].includes(error.kind)) return false;
    throw error;
  }
}
