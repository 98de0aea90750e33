import { diffRuns, type RunDiff } from '../../../features/runs/diff.ts';
import type { Command } from '../../command.ts';
import { renderRunDiff } from '../../output/runs.ts';

interface RunsDiffOptions {
  readonly all?: boolean;
  readonly csv?: boolean;
}

/** `mlops runs diff`. */
export const runsDiff: Command<RunsDiffOptions, RunDiff> = {
  name: 'runs diff',
  description:
    'Params and metrics that differ. Without runs: the newest against the one before; with one: that against the newest.',
  args: '[a] [b]',
  options: [
    ['--all', 'also what is the same'],
    ['--csv', 'as comma-separated values'],
  ],
  examples: ['mlops runs diff', 'mlops runs diff 20261124T203000Z-1a2b3c'],

  run: async ({ args, options }, { project }) => diffRuns(await project(), args, options.all ?? false),

  render: (diff, style, { csv }) => renderRunDiff(diff, style, csv ?? false),
};
