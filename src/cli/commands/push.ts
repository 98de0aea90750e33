import { pushObjects, type TransferResult } from '../../features/data/transfer/transfer.ts';
import type { Command } from '../command.ts';
import { forRemote, renderTransfer, transferProblem } from '../output/transfer.ts';
import { parseCount } from '../parse.ts';
import { SCOPE_OPTIONS, type ScopeOptions, scopeOf } from '../scope-options.ts';

interface PushOptions extends ScopeOptions {
  readonly remote?: string;
  readonly jobs?: number;
  readonly force?: boolean;
  readonly glob?: boolean;
  readonly dryRun?: boolean;
}

/** `mlops push`. */
export const push: Command<PushOptions, TransferResult> = {
  name: 'push',
  description: 'What the remote has already is not sent again; what was interrupted goes on where it stopped.',
  args: '[targets...]',
  options: [
    ['-r, --remote <name>', 'to this remote instead of the default one'],
    ['-j, --jobs <count>', 'transfers in flight at once', parseCount],
    ['-f, --force', 'send again what is there, in case a copy on the remote is damaged'],
    ['--glob', 'the targets are patterns, also where a file is called so'],
    ...SCOPE_OPTIONS,
    ['-n, --dry-run', 'only say what would be pushed'],
  ],
  examples: [
    'mlops push',
    'mlops push --all-tags',
    'mlops push train --remote archive',
    'mlops push data/images --dry-run',
    'mlops push --glob "data/**/*.csv"',
  ],

  async run({ args, options }, { project }) {
    return pushObjects(await project(), {
      targets: args,
      isGlob: options.glob ?? false,
      remote: options.remote ?? null,
      scope: scopeOf(options),
      runCache: options.runCache ?? false,
      jobs: options.jobs ?? null,
      force: options.force ?? false,
      dryRun: options.dryRun ?? false,
    });
  },

  render: (result, style, { dryRun }) => renderTransfer('push', result, style, dryRun),
  problem: (result, { remote }) => transferProblem(result, forRemote('mlops status --not-in-remote', remote)),
};
