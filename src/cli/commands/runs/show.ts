import type { Run } from '../../../core/run.ts';
import { showRun } from '../../../features/runs/list.ts';
import type { Command } from '../../command.ts';
import { renderRun } from '../../output/runs.ts';

/** `mlops runs show`. */
export const runsShow: Command<object, Run> = {
  name: 'runs show',
  description: 'A run is named by its id, or by the beginning of it; without one it is the newest.',
  args: '[run]',
  examples: ['mlops runs show', 'mlops runs show 20261124T203000Z-1a2b3c', 'mlops runs show 20261124T2030'],

  run: async ({ args: [id] }, { project }) => showRun(await project(), id ?? null),

  render: renderRun,
};
