import { checkoutPaths, type CheckoutResult } from '../../features/data/checkout.ts';
import { recoverRuns } from '../../features/pipeline/journal.ts';
import type { Command } from '../command.ts';
import { checkoutProblem, renderCheckout } from '../output/checkout.ts';

interface CheckoutOptions {
  readonly force?: boolean;
  readonly allowMissing?: boolean;
}

/** `mlops checkout`. */
export const checkout: Command<CheckoutOptions, CheckoutResult> = {
  name: 'checkout',
  description: 'Bytes that are not in the cache are never overwritten or deleted, unless --force says so.',
  args: '[targets...]',
  options: [
    ['-f, --force', 'overwrite and delete what is not in the cache as well'],
    ['--allow-missing', 'leave out what is not in the cache'],
  ],
  examples: ['mlops checkout', 'git checkout main && mlops checkout', 'mlops checkout data/images models'],

  async run({ args, options }, { project }) {
    const opened = await project();
    await recoverRuns(opened);
    return checkoutPaths(opened, {
      targets: args,
      force: options.force ?? false,
      allowMissing: options.allowMissing ?? false,
    });
  },

  render: renderCheckout,
  problem: (result) => checkoutProblem(result),
};
