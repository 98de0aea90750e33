import { MlopsError } from '../../../core/errors.ts';
import type { LockedPath } from '../../../core/lockfile.ts';
import type { Stage } from '../../../core/stage.ts';
import { nearest } from '../../../core/nearest.ts';
import type { Snapshot } from './decide.ts';
import { foldersAbove } from '../../../core/overlap.ts';
import { recordedPaths, type Session } from '../session.ts';
import { missingDependencies } from './snapshot.ts';
import { partialIn } from './whole.ts';

/**
 * Fetches what the lockfile says of a stage's dependencies that are not there, or only in part, and puts it in place beside what
 * is there. False when there was nothing to do.
 */
export async function pullDependencies(session: Session, now: Snapshot): Promise<boolean> {
  const wanted = new Map<string, LockedPath>();
  const missing = missingDependencies(now);
  for (const path of missing) {
    const found = recordedAround(session, path);
    if (found !== undefined) wanted.set(...found);
  }
  for (const [dependency, content] of Object.entries(now.deps)) {
    for await (const { path, recorded } of partialIn(session, dependency, content)) wanted.set(path, recorded);
  }
  if (wanted.size === 0) return false;
  await session.request.pull?.(wanted);
  for (const [path, content] of wanted) {
    if (session.files.holds(content)) await session.files.complete(path, content, missing);
  }
  return true;
}

/** Why a stage cannot run without these paths, and what would bring them: a pull, the stage that writes them, or `add`. */
export function missingDependencyError(session: Session, stage: Stage, missing: readonly string[]): MlopsError {
  const [path = ''] = missing;
  const message = `Stage "${stage.name}" reads ${missing.join(', ')}, which ${missing.length === 1 ? 'is' : 'are'} not there.`;
  const writer = writerOf(session, path);
  const recorded = recordedAround(session, path);
  const { single, allowMissing } = session.request;
  // Who writes it does not run for it.
  const isLeft = writer === undefined || writer.frozen || single || allowMissing;
  if (recorded !== undefined && isLeft) {
    const held = session.files.holds(recorded[1]);
    return new MlopsError('data-missing', message, { hint: `mlops ${held ? 'checkout' : 'pull'} ${recorded[0]}` });
  }
  if (writer !== undefined) {
    return new MlopsError('stage-failed', message, {
      hint: `Stage "${writer.name}" writes it: mlops repro ${writer.name}`,
    });
  }
  const near = nearest(
    path,
    session.graph.stages.flatMap(({ outputs }) => outputs.map((output) => output.path)),
  );
  return new MlopsError('stage-failed', `${message.slice(0, -1)}, and no stage writes it.`, {
    hint: near === undefined ? `Put it there, or correct the path in ${stage.place.file}.` : `Did you mean ${near}?`,
  });
}

function writerOf({ graph }: Session, path: string): Stage | undefined {
  const around = new Set([path, ...foldersAbove(path)]);
  return graph.stages.find(({ outputs }) =>
    outputs.some((output) => around.has(output.path) || output.path.startsWith(`${path}/`)),
  );
}

/** What the lockfile names at a path or around it. */
function recordedAround({ lockfile }: Session, path: string): [string, LockedPath] | undefined {
  const recorded = recordedPaths(lockfile);
  for (const at of [path, ...foldersAbove(path)]) {
    const content = recorded.get(at);
    if (content !== undefined) return [at, content];
  }
  return undefined;
}
