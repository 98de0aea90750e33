import { rebuildRuns, type RunsRebuilt } from '../../../features/runs/rebuild.ts';
import type { Command } from '../../command.ts';
import { formatCount } from '../../output/format.ts';

/** `mlops runs rebuild`. */
export const runsRebuild: Command<object, RunsRebuilt> = {
  name: 'runs rebuild',
  description: 'For a history that is damaged, or was deleted: each run has a record of its own beside it.',
  examples: ['mlops runs rebuild'],

  run: async (_, { project }) => rebuildRuns(await project()),

  render: ({ runs }, style) => `${style.good('Rebuilt')} the history of ${formatCount(runs, 'run')}.`,
};
