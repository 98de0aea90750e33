import { removePaths, type RemoveResult } from '../../features/data/remove.ts';
import { recoverRuns } from '../../features/pipeline/run/journal.ts';
import { stageInGit } from '../autostage.ts';
import type { Command } from '../command.ts';
import { formatCount } from '../output/format.ts';
import { gitAddLines } from '../output/git-add.ts';

interface RemoveOptions {
  readonly outs?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** `mlops remove`. */
export const remove: Command<RemoveOptions, RemoveResult & { readonly toAdd: readonly string[] }> = {
  name: 'remove',
  description: 'The entry in .mlops.lock.yaml and the line in .gitignore go. The data stays, unless --outs is given.',
  args: '<paths...>',
  options: [
    ['--outs', 'delete the data from the workspace as well, as far as it is in the cache'],
    ['-f, --force', 'with --outs: also what is not in the cache'],
    ['-n, --dry-run', 'only say what would be removed'],
  ],
  examples: ['mlops remove data/raw.csv', 'mlops remove data/images --outs'],

  async run({ args, options }, { project }) {
    const opened = await project();
    if (options.dryRun !== true) await recoverRuns(opened);
    const result = await removePaths(opened, {
      paths: args,
      outs: options.outs ?? false,
      force: options.force ?? false,
      dryRun: options.dryRun ?? false,
    });
    return { ...result, toAdd: await stageInGit(opened, result.changedFiles) };
  },

  render({ removed, deleted, toAdd }, style, { dryRun, outs }) {
    const verb = dryRun === true ? 'Would stop tracking' : style.good('No longer tracked:');
    const gone = dryRun === true ? 'would be deleted' : 'deleted';
    const fate = outs === true ? `${formatCount(deleted.length, 'file')} ${gone}` : 'the data stays';
    return [
      ...removed.map(({ path }) => `${verb} ${style.path(path)}`),
      style.dim(`(${fate})`),
      ...(dryRun === true ? [] : gitAddLines(toAdd, style)),
    ].join('\n');
  },
};
