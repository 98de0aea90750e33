import { addPaths, type AddResult } from '../../features/data/add.ts';
import { recoverRuns } from '../../features/pipeline/journal.ts';
import { stageInGit } from '../autostage.ts';
import type { Command } from '../command.ts';
import { formatBytes, formatCount } from '../output/format.ts';
import { gitAddLines } from '../output/git-add.ts';

interface AddOptions {
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** `mlops add`. */
export const add: Command<AddOptions, AddResult & { readonly toAdd: readonly string[] }> = {
  name: 'add',
  description:
    'The bytes go to the cache, their digest to .mlops.lock.yaml, and Git is told to ignore the path itself.',
  args: '<paths...>',
  options: [
    ['-n, --dry-run', 'only say what would be added'],
    ['-f, --force', 'also what Git tracks'],
  ],
  examples: ['mlops add data/raw.csv', 'mlops add data/images data/labels.json'],

  async run({ args, options }, { project }) {
    const opened = await project();
    if (options.dryRun !== true) await recoverRuns(opened);
    const result = await addPaths(opened, {
      paths: args,
      force: options.force ?? false,
      dryRun: options.dryRun ?? false,
    });
    return { ...result, toAdd: await stageInGit(opened, result.changedFiles) };
  },

  render({ added, unchanged, toAdd }, style, { dryRun }) {
    if (added.length === 0) {
      const unstaged = dryRun ? [] : gitAddLines(toAdd, style);
      return [`Nothing to add: ${formatCount(unchanged.length, 'path')} unchanged.`, ...unstaged].join('\n');
    }
    const verb = dryRun ? 'Would add' : style.good('Added');
    return [
      ...added.map(({ path, size, files }) => {
        const volume = files === null ? formatBytes(size) : `${formatCount(files, 'file')}, ${formatBytes(size)}`;
        return `${verb} ${style.path(path)} ${style.dim(`(${volume})`)}`;
      }),
      ...(dryRun ? [] : gitAddLines(toAdd, style)),
    ].join('\n');
  },
};
