import { uninstallMergeDriver, type InstallResult } from '../../features/merge/install.ts';
import type { Command } from '../command.ts';

interface Options {
  readonly mergeDriver?: boolean;
  readonly dryRun?: boolean;
}

/** `mlops uninstall`. */
export const uninstall: Command<Options, InstallResult> = {
  name: 'uninstall',
  description: 'What mlops install set in this clone goes; settings of your own stay.',
  options: [
    ['--merge-driver', 'the merge driver (all that there is, so it may be left out)'],
    ['-n, --dry-run', 'only say what would change'],
  ],
  examples: ['mlops uninstall', 'mlops uninstall --merge-driver'],

  run: async ({ options: { dryRun = false } }, { project }) => uninstallMergeDriver(await project(), { dryRun }),

  render({ mergeDriver: { changed } }, style, { dryRun = false }) {
    if (!changed) return 'The merge driver is not installed.';
    return `${dryRun ? 'Would remove' : style.good('Removed')} the merge driver.`;
  },
};
