import type { Output } from '../../core/stage.ts';
import type { Snapshot } from './decide.ts';
import type { Session } from './session.ts';

/** Puts the present outputs of a stage into the cache where they are not yet, so that nothing that replaces them loses a byte. */
export async function protectOutputs({ files }: Session, now: Snapshot): Promise<void> {
  for (const [path, { role, cache, content }] of Object.entries(now.outputs)) {
    // An output that is kept out of the cache stays out of it: it is set aside while the stage runs.
    if (content === null || !isKeptInCache({ role, cache })) continue;
    if (!files.holds(content)) await files.store(path);
  }
}

/** Metrics and plots are small, and are in the cache also when Git has them. */
export function isKeptInCache({ role, cache }: Pick<Output, 'role' | 'cache'>): boolean {
  return cache || role !== 'outs';
}
