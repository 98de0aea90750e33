import { fetchObjects, type TransferResult } from '../../features/data/transfer/transfer.ts';
import { bringFromOrigins } from '../../features/imports/origins.ts';
import type { Command } from '../command.ts';
import { renderTransfer, transferProblem, whereItIs } from '../output/transfer.ts';
import { parseCount } from '../parse.ts';
import { SCOPE_OPTIONS, type ScopeOptions, scopeOf } from '../scope-options.ts';

interface FetchOptions extends ScopeOptions {
  readonly remote?: string;
  readonly jobs?: number;
  readonly glob?: boolean;
  readonly dryRun?: boolean;
}

/** `mlops fetch`. */
export const fetch: Command<FetchOptions, TransferResult> = {
  name: 'fetch',
  description: 'The workspace stays as it is; `mlops pull` is fetch and checkout in one.',
  args: '[targets...]',
  options: [
    ['-r, --remote <name>', 'from this remote instead of the default one'],
    ['-j, --jobs <count>', 'transfers in flight at once', parseCount],
    ['--glob', 'the targets are patterns, also where a file is called so'],
    ...SCOPE_OPTIONS,
    ['-n, --dry-run', 'only say what would be fetched'],
  ],
  examples: [
    'mlops fetch',
    'mlops fetch --all-tags',
    'mlops fetch train --remote archive',
    'mlops fetch data/images --dry-run',
    'mlops fetch --glob "data/**/*.csv"',
  ],

  async run({ args, options }, { project }) {
    const opened = await project();
    return fetchObjects(opened, {
      targets: args,
      isGlob: options.glob ?? false,
      remote: options.remote ?? null,
      scope: scopeOf(options),
      runCache: options.runCache ?? false,
      jobs: options.jobs ?? null,
      dryRun: options.dryRun ?? false,
      fromOrigins: (paths) => bringFromOrigins(opened, paths),
    });
  },

  render: (result, style, { dryRun }) => renderTransfer('fetch', result, style, dryRun),
  problem: (result, { remote }) => transferProblem(result, whereItIs(result, remote)),
};
