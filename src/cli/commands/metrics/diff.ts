import { diffMetrics, type ValuesDiffResult } from '../../../features/metrics/diff.ts';
import type { Command } from '../../command.ts';
import { gateProblem, renderDiff, unreadProblem, type ValuesOptions } from '../../output/values.ts';
import { VALUES_OPTIONS } from '../../values-options.ts';

interface MetricsDiffOptions extends ValuesOptions {
  readonly all?: boolean;
  readonly check?: boolean;
}

/** `mlops metrics diff`. */
export const metricsDiff: Command<MetricsDiffOptions, ValuesDiffResult> = {
  name: 'metrics diff',
  description: 'Without revisions: HEAD against the workspace; with one: that against the workspace. `a..b` is two.',
  args: '[a] [b] [-- paths...]',
  options: [['--all', 'also what is the same'], ['--check', 'exit with 9 when a gate fails'], ...VALUES_OPTIONS],
  examples: [
    'mlops metrics diff',
    'mlops metrics diff main',
    'mlops metrics diff v1.0 v1.1 --md',
    'mlops metrics diff main --check',
  ],

  async run({ args, afterDashes, options }, { project }) {
    return diffMetrics(await project(), { revisions: args, paths: afterDashes, all: options.all ?? false });
  },

  render: (result, style, options) => renderDiff(result, style, options, 'metrics'),
  problem: (result, { check }) => (check ? gateProblem(result) : null) ?? unreadProblem(result.errors),
};
