import { MlopsError } from '../../core/errors.ts';
import { compareCodePoints } from '../../core/value.ts';
import type { Project } from '../../project/project.ts';
import { measureOwnSteps } from './measure.ts';
import { withPaths } from './output-lease.ts';
import { copyEach, filesIn, isLinkIntoCache } from './checkout/private-copy.ts';
import { refuseLinkOnTheWay } from './refuse.ts';
import { projectPathOf } from './select.ts';
import { inTurns, openWorkspace } from './workspace.ts';

/** The document of `unprotect`: single files, also inside folders. */
export interface UnprotectResult {
  /** Copies of their own now. */
  readonly unprotected: readonly string[];
  /** How many were no links. */
  readonly unchanged: number;
}

/** What `unprotect` was asked. */
export interface UnprotectRequest {
  /** As typed: relative to the current folder. */
  readonly paths: readonly string[];
  readonly dryRun: boolean;
}

/** Gives files that are links into the cache bytes of their own, so that they can be changed. */
export async function unprotectPaths(project: Project, { paths, dryRun }: UnprotectRequest): Promise<UnprotectResult> {
  const workspace = await openWorkspace(project);
  const unprotected: string[] = [];
  let unchanged = 0;
  try {
    for (const path of new Set(paths.map((typed) => projectPathOf(typed, project)))) {
      refuseLinkOnTheWay(project.root, path);
      const found = await inTurns(measureOwnSteps(workspace, path), 'verify', project);
      if (found === undefined) throw new MlopsError('usage', `There is no ${path}.`, { hint: 'mlops checkout' });
      const files = [...filesIn(path, found)];
      const linked = files.filter((file) => isLinkIntoCache(workspace, file));
      unchanged += files.length - linked.length;
      if (!dryRun) {
        await withPaths(project, [path], () =>
          inTurns(copyEach(project.layout.tmp, workspace, linked), 'checkout', project),
        );
      }
      unprotected.push(...linked.map((file) => file.path));
    }
  } finally {
    workspace.index.save();
  }
  return { unprotected: unprotected.sort(compareCodePoints), unchanged };
}
