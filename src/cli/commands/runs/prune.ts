import { MlopsError } from '../../../core/errors.ts';
import { pruneRuns, type RunsPruned } from '../../../features/runs/prune.ts';
import type { Command } from '../../command.ts';
import { formatCount } from '../../output/format.ts';
import { parseDate, parseIndex } from '../../parse.ts';

interface RunsPruneOptions {
  readonly keep?: number;
  readonly before?: string;
  readonly dryRun?: boolean;
}

/** `mlops runs prune`. */
export const runsPrune: Command<RunsPruneOptions, RunsPruned> = {
  name: 'runs prune',
  description:
    'Takes old runs out of the history, with their logs. What they wrote stays in the run cache, and can be restored.',
  options: [
    ['--keep <count>', 'keep so many of the newest', parseIndex],
    ['--before <date>', 'only runs that started before this day', parseDate],
    ['-n, --dry-run', 'only say which would go'],
  ],
  examples: ['mlops runs prune --keep 200', 'mlops runs prune --before 2026-01-01 --yes'],

  async run({ options }, { project, ask }) {
    const opened = await project();
    const request = { keep: options.keep ?? null, before: options.before ?? null };
    const plan = await pruneRuns(opened, { ...request, dryRun: true });
    if (options.dryRun === true || plan.removed.length === 0) return plan;
    const what = `${formatCount(plan.removed.length, 'run')} would be forgotten`;
    if (options.yes !== true) {
      if (ask === null)
        throw new MlopsError('usage', `${what}, and there is nobody to ask.`, {
          hint: 'Add --yes, or see which: --dry-run',
        });
      if (!(await ask(`Forget ${formatCount(plan.removed.length, 'run')}?`)))
        throw new MlopsError('refused', 'Nothing was forgotten.');
    }
    return pruneRuns(opened, { ...request, dryRun: false });
  },

  render({ removed, kept, dryRun }, style) {
    if (removed.length === 0) return `Nothing to forget: ${formatCount(kept, 'run stays', 'runs stay')}.`;
    const verb = dryRun ? 'Would forget' : style.good('Forgot');
    return [
      `${verb} ${formatCount(removed.length, 'run')}; ${formatCount(kept, 'run stays', 'runs stay')}.`,
      ...(dryRun ? removed : []),
    ].join('\n');
  },
};
