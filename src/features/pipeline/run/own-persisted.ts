import type { Project } from '../../../project/project.ts';
import { copyEach, filesIn, isLinkIntoCache } from '../../data/checkout/private-copy.ts';
import { measureOwnSteps } from '../../data/measure.ts';
import { inTurns, openWorkspace } from '../../data/workspace.ts';
import type { Snapshot } from '../decision/decide.ts';

/** Gives outputs that a stage goes on with bytes of their own: through a link it would write to an object. Its lease is held. */
export async function ownPersisted(project: Project, now: Snapshot): Promise<void> {
  const persisted = Object.entries(now.outputs).filter(([, { persist, content }]) => persist && content !== null);
  if (persisted.length === 0) return;
  const workspace = await openWorkspace(project);
  for (const [path] of persisted) {
    const have = await inTurns(measureOwnSteps(workspace, path), 'verify', project);
    const linked =
      have === undefined ? [] : [...filesIn(path, have)].filter((file) => isLinkIntoCache(workspace, file));
    await inTurns(copyEach(project.layout.tmp, workspace, linked), 'checkout', project);
  }
}
