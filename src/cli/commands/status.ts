import { MlopsError } from '../../core/errors.ts';
import { missingOnRemote } from '../../features/data/transfer/missing.ts';
import { statusOf, type StatusResult } from '../../features/pipeline/status.ts';
import type { Command } from '../command.ts';
import { renderStatus } from '../output/status.ts';

interface StatusOptions {
  readonly check?: boolean;
  readonly granular?: boolean;
  readonly untracked?: boolean;
  readonly notInRemote?: boolean;
  readonly remote?: string;
}

/** `mlops status`. */
export const status: Command<StatusOptions, StatusResult> = {
  name: 'status',
  description: 'What differs between workspace and lockfile, and which stages the next `mlops repro` runs, and why.',
  args: '[targets...]',
  options: [
    ['--check', 'exit with 9 if there is something to do'],
    ['--granular', 'every file inside tracked folders that is not unchanged'],
    ['--untracked', 'also the files that neither Git nor mlops tracks or ignores'],
    ['--not-in-remote', 'also what the remote lacks'],
    ['-r, --remote <name>', 'look at this remote; implies --not-in-remote'],
  ],
  examples: ['mlops status', 'mlops status train data/images --granular', 'mlops status --check --not-in-remote'],

  async run({ args, options: { granular, untracked, notInRemote, remote } }, { project }) {
    const opened = await project();
    const looks = notInRemote === true || remote !== undefined;
    return statusOf(opened, {
      targets: args,
      granular: granular ?? false,
      untracked: untracked ?? false,
      remote: looks ? () => missingOnRemote(opened, remote ?? null, args) : null,
    });
  },

  render: renderStatus,
  problem: ({ clean }, { check }) =>
    check === true && !clean
      ? new MlopsError('check-failed', 'The project is not clean.', { hint: 'mlops status' })
      : null,
};
