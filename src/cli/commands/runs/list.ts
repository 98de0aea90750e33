import { listRuns, parseCondition, type RunList } from '../../../features/runs/list.ts';
import type { MetricCondition } from '../../../stores/runs/runs.ts';
import type { Command } from '../../command.ts';
import { renderRuns } from '../../output/runs.ts';
import { parseCount, parseDate } from '../../parse.ts';

interface RunsListOptions {
  readonly stage?: string;
  readonly since?: string;
  readonly where?: readonly MetricCondition[];
  readonly sort?: string;
  readonly ascending?: boolean;
  readonly limit?: number;
  readonly columns?: readonly string[];
  readonly csv?: boolean;
}

const LIMIT = 50;

/** `mlops runs list`. */
export const runsList: Command<RunsListOptions, RunList> = {
  name: 'runs list',
  description: 'Every repro on this machine that ran or restored something, the newest first.',
  options: [
    ['--stage <name>', 'only runs of this stage'],
    ['--since <date>', 'only runs from this day or time on: 2026-11-24', parseDate],
    [
      '--where <condition>',
      'only runs of which this holds: "accuracy >= 0.9"; may be given several times',
      collectCondition,
    ],
    ['--sort <metric>', 'by a metric, the highest first'],
    ['--ascending', 'with --sort: the lowest first'],
    ['--limit <count>', `so many in place of ${LIMIT}`, parseCount],
    [
      '--columns <names>',
      'metrics and params to show, with commas between',
      (text) => text.split(',').map((name) => name.trim()),
    ],
    ['--csv', 'as comma-separated values'],
  ],
  examples: [
    'mlops runs list',
    'mlops runs list --stage train --limit 10',
    'mlops runs list --where "accuracy > 0.9" --sort accuracy --columns accuracy,train.lr',
  ],

  async run({ options }, { project }) {
    const { stage, since, where = [], sort, ascending = false, limit = LIMIT } = options;
    return listRuns(await project(), {
      stage: stage ?? null,
      since: since ?? null,
      where,
      sort: sort === undefined ? null : { metric: sort, ascending },
      limit,
    });
  },

  render: (list, style, { csv, columns }) => renderRuns(list, style, { isCsv: csv ?? false, columns: columns ?? null }),
};

function collectCondition(text: string, previous?: unknown): readonly MetricCondition[] {
  return [...(Array.isArray(previous) ? (previous as MetricCondition[]) : []), parseCondition(text)];
}
