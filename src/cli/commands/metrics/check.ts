import { checkMetrics, type CheckResult } from '../../../features/metrics/check.ts';
import type { Command } from '../../command.ts';
import { gateLines, gateProblem, unreadProblem } from '../../output/values.ts';

/** `mlops metrics check`. */
export const metricsCheck: Command<{ readonly base?: string }, CheckResult> = {
  name: 'metrics check',
  description: 'Gates are limits on metrics, under `gates:` in .mlops.yaml. Exits with 9 when one fails.',
  options: [['--base <revision>', 'what maxDrop and maxIncrease compare with; HEAD by default']],
  examples: ['mlops metrics check', 'mlops metrics check --base origin/main'],

  run: async ({ options }, { project }) => checkMetrics(await project(), options.base ?? null),

  render: ({ gates }, style) =>
    gates.length === 0
      ? 'There are no gates; write them under `gates:` in .mlops.yaml.'
      : gateLines(gates, style).join('\n'),
  problem: (result) => gateProblem(result) ?? unreadProblem(result.errors),
};
