import { MlopsError } from '../../core/errors.ts';
import { commitWorkspace, type CommitResult } from '../../features/pipeline/commit.ts';
import { recoverRuns } from '../../features/pipeline/run/journal.ts';
import { stageInGit } from '../autostage.ts';
import type { Command } from '../command.ts';
import { formatBytes, formatCount } from '../output/format.ts';
import { gitAddLines } from '../output/git-add.ts';
import { reasonText } from '../output/reason.ts';

interface CommitOptions {
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** `mlops commit`. */
export const commit: Command<CommitOptions, CommitResult & { readonly toAdd: readonly string[] }> = {
  name: 'commit',
  description:
    'Data and outputs that were changed by hand are put into the cache and .mlops.lock.yaml. No stage runs, and no later run takes them for what a run wrote.',
  args: '[targets...]',
  options: [
    ['-f, --force', 'also when a definition, a dependency or a param changed'],
    ['-n, --dry-run', 'only say what would be accepted'],
  ],
  examples: ['mlops commit', 'mlops commit data/labels.csv', 'mlops commit train --force'],

  async run({ args, options }, { project }) {
    const opened = await project();
    if (options.dryRun !== true) await recoverRuns(opened);
    const result = await commitWorkspace(opened, {
      targets: args,
      force: options.force ?? false,
      dryRun: options.dryRun ?? false,
    });
    return { ...result, toAdd: await stageInGit(opened, result.changedFiles) };
  },

  render({ added, unchanged, stages, refused, toAdd }, style, { dryRun }) {
    if (refused.length > 0) {
      return refused
        .map(({ stage, reasons }) => `${style.bad(`"${stage}"`)}: ${reasons.map(reasonText).join('; ')}`)
        .join('\n');
    }
    if (added.length === 0 && stages.length === 0) {
      return `Nothing to accept: ${formatCount(unchanged.length, 'path')} unchanged.`;
    }
    const verb = dryRun === true ? 'Would accept' : style.good('Accepted');
    return [
      ...added.map(({ path, size, files }) => {
        const volume = files === null ? formatBytes(size) : `${formatCount(files, 'file')}, ${formatBytes(size)}`;
        return `${verb} ${style.path(path)} ${style.dim(`(${volume})`)}`;
      }),
      ...stages.map((name) => `${verb} stage "${name}" as it is`),
      ...(dryRun === true ? [] : gitAddLines(toAdd, style)),
    ].join('\n');
  },

  problem({ refused }) {
    if (refused.length === 0) return null;
    const names = refused.map(({ stage }) => `"${stage}"`).join(', ');
    const message = `More than outputs changed in ${names}: nothing was accepted.`;
    return new MlopsError('refused', message, { hint: 'mlops repro, or accept it all the same: mlops commit --force' });
  },
};
