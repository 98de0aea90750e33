import { MlopsError } from '../../core/errors.ts';
import type { Lockfile } from '../../core/lockfile.ts';
import { PathOwners } from './path-owners.ts';

/**
 * A lockfile after a change, with one owner for each path: what was written now has its paths, and a stage that had one of them
 * loses its whole entry, for what it once wrote is not in place any more.
 */
export function withSoleOwners(before: Lockfile, after: Lockfile): Lockfile {
  const isOld = (name: string) => Object.hasOwn(before.stages, name) && before.stages[name] === after.stages[name];
  const stages = Object.entries(after.stages);
  const written = new PathOwners([]);
  for (const path of Object.keys(after.data)) if (!Object.hasOwn(before.data, path)) written.add(path, '');
  const data = ownersOf(before, after);
  for (const [name, { outputs }] of stages) {
    if (isOld(name)) continue;
    for (const path of Object.keys(outputs)) {
      const tracked = data.overlapping(path);
      if (tracked !== undefined) throw trackedMeanwhile(name, path, tracked.path);
      written.add(path, name);
    }
  }
  const kept = stages.filter(
    ([name, { outputs }]) => !isOld(name) || !Object.keys(outputs).some((path) => written.overlapping(path)),
  );
  return kept.length === stages.length ? after : { data: after.data, stages: Object.fromEntries(kept) };
}

/** Fails for a path that is new and overlaps another: each was free when its writer looked, and the other was faster. */
function ownersOf(before: Lockfile, after: Lockfile): PathOwners {
  const paths = Object.keys(after.data);
  const data = new PathOwners(
    paths.flatMap((path) => (Object.hasOwn(before.data, path) ? [[path, path] as const] : [])),
  );
  for (const path of paths) {
    if (Object.hasOwn(before.data, path)) continue;
    const other = data.overlapping(path)?.path;
    if (other !== undefined) {
      throw new MlopsError('busy', `${path} and ${other} overlap, and ${other} was tracked a moment ago.`, {
        hint: 'Run the same command again.',
      });
    }
    data.add(path, path);
  }
  return data;
}

function trackedMeanwhile(stage: string, path: string, tracked: string): MlopsError {
  const message = `${path}, an output of the stage "${stage}", cannot be recorded: ${tracked} is tracked as data now.`;
  return new MlopsError('stage-failed', message, { hint: `mlops remove ${tracked}, or give the stage another output` });
}
