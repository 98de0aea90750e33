import { MlopsError } from '../../../core/errors.ts';
import type { LockedPath } from '../../../core/lockfile.ts';
import type { Output, Stage } from '../../../core/stage.ts';
import { sameContent, type Snapshot } from '../decision/decide.ts';
import { lockedStage, type Session } from '../session.ts';
import type { StageFiles } from '../decision/workspace.ts';

/**
 * Makes sure that the cache has the present outputs of a stage, every byte as it is here, so that nothing that replaces them
 * loses any. Returns those that are kept out of the cache and are not what the lockfile says: no stage could make them again.
 */
export async function protectOutputs(session: Session, stage: Stage, now: Snapshot): Promise<Set<string>> {
  const { files, lockfile } = session;
  const recorded = lockedStage(lockfile, stage)?.outputs ?? {};
  const unsafe = new Set<string>();
  for (const [path, { role, cache, content }] of Object.entries(now.outputs)) {
    if (content === null) continue;
    const before = Object.hasOwn(recorded, path) ? recorded[path] : undefined;
    if (isKeptInCache({ role, cache })) await storeSound(files, path, content);
    else if (before === undefined || !sameContent(before, content)) unsafe.add(path);
  }
  return unsafe;
}

/** Damage is found tree by tree, so it takes a round for each. */
async function storeSound(files: StageFiles, path: string, content: LockedPath): Promise<void> {
  if (files.holdsSound(content)) return;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const stored = await files.store(path);
    if (files.holdsSound(stored)) return;
  }
  throw new MlopsError('damaged', `${path} cannot be kept: the cache damages what is put into it.`, {
    hint: 'Look at the disk that the cache is on.',
  });
}

const MOST_ROUNDS = 100;

/** Metrics and plots are small, and are in the cache also when Git has them. */
export function isKeptInCache({ role, cache }: Pick<Output, 'role' | 'cache'>): boolean {
  return cache || role !== 'outs';
}
