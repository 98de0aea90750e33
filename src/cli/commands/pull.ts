import { pull as pullObjects, type TransferResult } from '../../features/data/transfer/transfer.ts';
import { recoverRuns } from '../../features/pipeline/run/journal.ts';
import { bringFromOrigins } from '../../features/imports/origins.ts';
import type { Command } from '../command.ts';
import { checkoutProblem, renderCheckout } from '../output/checkout.ts';
import { renderTransfer, transferProblem, whereItIs } from '../output/transfer.ts';
import { parseCount } from '../parse.ts';
import { SCOPE_OPTIONS, type ScopeOptions, scopeOf } from '../scope-options.ts';

interface PullOptions extends ScopeOptions {
  readonly remote?: string;
  readonly jobs?: number;
  readonly glob?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly allowMissing?: boolean;
}

/** `mlops pull`. */
export const pull: Command<PullOptions, TransferResult> = {
  name: 'pull',
  description: 'Fetches what the cache lacks, then makes the workspace what the lockfile says.',
  args: '[targets...]',
  options: [
    ['-r, --remote <name>', 'from this remote instead of the default one'],
    ['-j, --jobs <count>', 'transfers in flight at once', parseCount],
    ['--glob', 'the targets are patterns, also where a file is called so'],
    ...SCOPE_OPTIONS,
    ['-n, --dry-run', 'only say what would be fetched, and changed in the workspace'],
    ['-f, --force', 'overwrite and delete what is not in the cache as well'],
    ['--allow-missing', 'check out the rest when something is missing everywhere'],
  ],
  examples: ['mlops pull', 'git pull && mlops pull', 'mlops pull data/images/cats --remote archive'],

  async run({ args, options }, { project }) {
    const opened = await project();
    if (options.dryRun !== true) await recoverRuns(opened);
    return pullObjects(opened, {
      targets: args,
      isGlob: options.glob ?? false,
      remote: options.remote ?? null,
      scope: scopeOf(options),
      runCache: options.runCache ?? false,
      jobs: options.jobs ?? null,
      dryRun: options.dryRun ?? false,
      fromOrigins: (paths) => bringFromOrigins(opened, paths),
      force: options.force ?? false,
      allowMissing: options.allowMissing ?? false,
    });
  },

  render(result, style, { dryRun }) {
    const fetched = renderTransfer('fetch', result, style, dryRun);
    return result.checkout === null ? fetched : `${fetched}\n${renderCheckout(result.checkout, style, dryRun)}`;
  },

  problem(result, { remote }) {
    const checkout = result.checkout === null ? null : checkoutProblem(result.checkout, remote);
    // What was refused weighs more than what is missing.
    if (checkout?.kind === 'refused') return checkout;
    return transferProblem(result, whereItIs(result, remote)) ?? checkout;
  },
};
