import { checkoutPaths, type CheckoutResult } from '../../features/data/checkout/checkout.ts';
import { relinkPaths } from '../../features/data/checkout/relink.ts';
import { recoverRuns } from '../../features/pipeline/run/journal.ts';
import type { Command } from '../command.ts';
import { checkoutProblem, renderCheckout } from '../output/checkout.ts';

interface CheckoutOptions {
  readonly force?: boolean;
  readonly allowMissing?: boolean;
  readonly relink?: boolean;
  readonly rev?: string;
  readonly dryRun?: boolean;
}

/** `mlops checkout`. */
export const checkout: Command<CheckoutOptions, CheckoutResult> = {
  name: 'checkout',
  description: 'Bytes that are not in the cache are never overwritten or deleted, unless --force says so.',
  args: '[targets...]',
  options: [
    ['-f, --force', 'overwrite and delete what is not in the cache as well'],
    ['--allow-missing', 'leave out what is not in the cache'],
    ['--relink', 'make files anew that are not the kind of link that `cache: link` asks for'],
    ['--rev <rev>', 'what the lockfile of this revision says; the lockfile itself stays as it is'],
    ['-n, --dry-run', 'only say what would be changed'],
  ],
  examples: ['mlops checkout', 'git checkout main && mlops checkout', 'mlops checkout data/images models'],

  async run({ args, options }, { project }) {
    const opened = await project();
    const dryRun = options.dryRun ?? false;
    if (!dryRun) await recoverRuns(opened);
    const result = await checkoutPaths(opened, {
      targets: args,
      force: options.force ?? false,
      allowMissing: options.allowMissing ?? false,
      rev: options.rev ?? null,
      dryRun,
    });
    if (options.relink !== true) return result;
    const relinked = await relinkPaths(opened, args, { rev: options.rev ?? null, dryRun });
    return { ...result, modified: [...new Set([...result.modified, ...relinked])].toSorted() };
  },

  render: (result, style, { dryRun }) => renderCheckout(result, style, dryRun),
  problem: (result) => checkoutProblem(result),
};
