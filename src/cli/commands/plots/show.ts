import { MlopsError } from '../../../core/errors.ts';
import type { DrawnPlots } from '../../../features/metrics/plots/draw.ts';
import type { Command } from '../../command.ts';
import { PLOTS_OPTIONS, type PlotsOptions, renderPlots, runPlots } from '../../plots-options.ts';

/** `mlops plots show`. */
export const plotsShow: Command<PlotsOptions, DrawnPlots> = {
  name: 'plots show',
  description: 'Draws the plots of the workspace: all that .mlops.yaml names, or the given files and folders.',
  args: '[paths...]',
  options: PLOTS_OPTIONS,
  examples: [
    'mlops plots show',
    'mlops plots show --terminal',
    'mlops plots show eval/roc.csv -x fpr -y tpr --svg -o docs/plots',
  ],

  run: async ({ args, options }, { project }) => runPlots(await project(), ['workspace'], args, options),

  render: renderPlots,
  problem: ({ errors }) => (errors.length === 0 ? null : new MlopsError('failed', 'Not all plots could be shown.')),
};
