import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProject } from '../../project/open.ts';
import type { Project, Surroundings } from '../../project/project.ts';
import { findRoot } from '../../project/root.ts';
import { openCache } from '../../stores/cache/cache.ts';
import type { SourceContext } from './source.ts';

/** Does work that needs no project: with the cache and the clones of the one around a folder, or a place that is gone afterwards. */
export async function withContext<T>(
  cwd: string,
  surroundings: Surroundings,
  work: (context: SourceContext) => Promise<T>,
): Promise<T> {
  const { context, dispose } = await contextFor(cwd, surroundings);
  try {
    return await work(context);
  } finally {
    dispose();
  }
}

async function contextFor(
  cwd: string,
  surroundings: Surroundings,
): Promise<{ context: SourceContext; dispose: () => void }> {
  if (findRoot(cwd) !== null) {
    const project = await openProject(cwd, surroundings);
    const context = { base: cwd, clones: project.layout.repos, cache: await project.cache(), surroundings };
    return { context, dispose: () => project.git?.close() };
  }
  const folder = mkdtempSync(join(tmpdir(), 'mlops-get-'));
  const cache = openCache(join(folder, 'cache'), { link: ['reflink', 'copy'], tmp: join(folder, 'tmp') });
  const context = { base: cwd, clones: join(folder, 'repos'), cache, surroundings };
  return { context, dispose: () => rmSync(folder, { recursive: true, force: true }) };
}

/** What sources are opened with for a project: paths of repositories start at its root. */
export async function contextOf(project: Project): Promise<SourceContext> {
  return { base: project.root, clones: project.layout.repos, cache: await project.cache(), surroundings: project };
}
