import { MlopsError } from '../../../core/errors.ts';
import type { DrawnPlots } from '../../../features/metrics/plots/draw.ts';
import type { Command } from '../../command.ts';
import { PLOTS_OPTIONS, type PlotsOptions, renderPlots, runPlots } from '../../plots-options.ts';

/** `mlops plots diff`. */
export const plotsDiff: Command<PlotsOptions, DrawnPlots> = {
  name: 'plots diff',
  description:
    'Draws the plots of several revisions over each other: HEAD and the workspace when none is named, one and the workspace, or all that are named.',
  args: '[revisions...] [-- paths...]',
  options: PLOTS_OPTIONS,
  examples: [
    'mlops plots diff',
    'mlops plots diff main v1.0 workspace -- curve.csv',
    'mlops plots diff main --terminal',
  ],

  async run({ args, afterDashes, options }, { project }) {
    const revisions = args.length === 0 ? ['HEAD', 'workspace'] : args.length === 1 ? [...args, 'workspace'] : args;
    return runPlots(await project(), revisions, afterDashes, options);
  },

  render: renderPlots,
  problem: ({ errors }) => (errors.length === 0 ? null : new MlopsError('failed', 'Not all plots could be shown.')),
};
