import { listRuns, type RunList } from '../../../features/pipeline/run/run-history.ts';
import type { Command } from '../../command.ts';
import { renderRuns } from '../../output/runs.ts';
import { parseCount } from '../../parse.ts';

interface RunsListOptions {
  readonly stage?: string;
  readonly since?: string;
  readonly limit?: number;
  readonly csv?: boolean;
}

/** `mlops runs list`. */
export const runsList: Command<RunsListOptions, RunList> = {
  name: 'runs list',
  description: 'Every repro on this machine that ran or restored something, the newest first.',
  options: [
    ['--stage <name>', 'only runs of this stage'],
    ['--since <date>', 'only runs from this day or time on: 2026-11-24'],
    ['--limit <count>', 'only so many', parseCount],
    ['--csv', 'as comma-separated values'],
  ],
  examples: ['mlops runs list', 'mlops runs list --stage train --limit 10', 'mlops runs list --json'],

  run: async ({ options }, { project }) => listRuns(await project(), options),

  render: ({ runs }, style, { csv }) => renderRuns(runs, style, csv ?? false),
};
