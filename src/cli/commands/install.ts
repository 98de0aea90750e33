import { installMergeDriver, type InstallResult } from '../../features/merge/install.ts';
import type { Command } from '../command.ts';

interface Options {
  readonly mergeDriver?: boolean;
  readonly dryRun?: boolean;
}

/** `mlops install`. */
export const install: Command<Options, InstallResult> = {
  name: 'install',
  description:
    'In this clone alone: in .git/config and .git/info/attributes. Nothing is committed, and each clone does it for itself.',
  options: [
    ['--merge-driver', 'merge .mlops.lock.yaml by path and by stage (all that there is, so it may be left out)'],
    ['-n, --dry-run', 'only say what would change'],
  ],
  examples: ['mlops install', 'mlops install --merge-driver'],

  run: async ({ options: { dryRun = false } }, { project }) => installMergeDriver(await project(), { dryRun }),

  render({ mergeDriver: { command, changed } }, style, { dryRun = false }) {
    if (!changed) return 'Git merges lockfiles with mlops already.';
    return `${dryRun ? 'Would make' : style.good('Made')} Git merge lockfiles with: ${command ?? ''}`;
  },
};
