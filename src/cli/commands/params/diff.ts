import { diffParams, type ValuesDiffResult } from '../../../features/metrics/diff.ts';
import type { Command } from '../../command.ts';
import { renderDiff, unreadProblem, type ValuesOptions } from '../../output/values.ts';
import { VALUES_OPTIONS } from '../../values-options.ts';

interface ParamsDiffOptions extends ValuesOptions {
  readonly all?: boolean;
}

/** `mlops params diff`. */
export const paramsDiff: Command<ParamsDiffOptions, ValuesDiffResult> = {
  name: 'params diff',
  description: 'Without revisions: HEAD against the workspace; with one: that against the workspace. `a..b` is two.',
  args: '[a] [b] [-- paths...]',
  options: [['--all', 'also what is the same'], ...VALUES_OPTIONS],
  examples: ['mlops params diff', 'mlops params diff main', 'mlops params diff v1.0 v1.1 --md'],

  async run({ args, afterDashes, options }, { project }) {
    return diffParams(await project(), { revisions: args, paths: afterDashes, all: options.all ?? false });
  },

  render: (result, style, options) => renderDiff(result, style, options, 'params'),
  problem: ({ errors }) => unreadProblem(errors),
};
