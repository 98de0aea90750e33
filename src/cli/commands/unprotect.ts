import { unprotectPaths, type UnprotectResult } from '../../features/data/unprotect.ts';
import { recoverRuns } from '../../features/pipeline/run/journal.ts';
import type { Command } from '../command.ts';
import { formatCount, formatList } from '../output/format.ts';

interface UnprotectOptions {
  readonly dryRun?: boolean;
}

/** `mlops unprotect`. */
export const unprotect: Command<UnprotectOptions, UnprotectResult> = {
  name: 'unprotect',
  description:
    'For projects with `cache: { link: [hardlink] }` or symlinks: a file that is to be changed gets its own bytes.',
  args: '<paths...>',
  options: [['-n, --dry-run', 'only say which files are links']],
  examples: ['mlops unprotect data/labels.csv', 'mlops unprotect data/images'],

  async run({ args, options }, { project }) {
    const opened = await project();
    if (options.dryRun !== true) await recoverRuns(opened);
    return unprotectPaths(opened, { paths: args, dryRun: options.dryRun ?? false });
  },

  render({ unprotected, unchanged }, style, { dryRun }) {
    if (unprotected.length === 0) return `Nothing to do: ${formatCount(unchanged, 'file')}, no link into the cache.`;
    const verb = dryRun === true ? 'Would copy' : style.good('Writable copies now');
    return [
      `${verb}: ${formatCount(unprotected.length, 'file')}`,
      ...formatList(
        unprotected.map((path) => `  ${style.path(path)}`),
        20,
      ),
    ].join('\n');
  },
};
