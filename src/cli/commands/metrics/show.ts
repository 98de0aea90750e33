import { showMetrics, type ShowResult } from '../../../features/metrics/show.ts';
import type { Command } from '../../command.ts';
import { renderShow, showProblem, type ValuesOptions } from '../../output/values.ts';
import { REVISION_SET_OPTIONS, type RevisionSets, revisionSets, VALUES_OPTIONS } from '../../values-options.ts';

/** `mlops metrics show`. */
export const metricsShow: Command<RevisionSets & ValuesOptions, ShowResult> = {
  name: 'metrics show',
  description: 'A revision is what Git resolves, or workspace: the files as they are now, which is the default.',
  args: '[revisions...] [-- paths...]',
  options: [...REVISION_SET_OPTIONS, ...VALUES_OPTIONS],
  examples: ['mlops metrics show', 'mlops metrics show main workspace', 'mlops metrics show --all-tags --csv'],

  async run({ args, afterDashes, options }, { project }) {
    return showMetrics(await project(), { revisions: args, all: revisionSets(options), paths: afterDashes });
  },

  render: (result, style, options) => renderShow(result, style, options, 'There are no metrics.'),
  problem: showProblem,
};
