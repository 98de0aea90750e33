import { movePaths, type MoveResult } from '../../features/data/move.ts';
import { recoverRuns } from '../../features/pipeline/run/journal.ts';
import { stageInGit } from '../autostage.ts';
import type { Command } from '../command.ts';
import { gitAddLines } from '../output/git-add.ts';

interface MoveOptions {
  readonly dryRun?: boolean;
}

/** `mlops move`. */
export const move: Command<MoveOptions, MoveResult & { readonly toAdd: readonly string[] }> = {
  name: 'move',
  description: 'The data, its entry in .mlops.lock.yaml and its line in .gitignore move. Nothing is overwritten.',
  args: '<from> <to>',
  options: [['-n, --dry-run', 'only say what would be moved']],
  examples: ['mlops move data/raw.csv data/2026.csv', 'mlops move raw.csv data'],

  async run({ args: [from = '', to = ''], options }, { project }) {
    const opened = await project();
    if (options.dryRun !== true) await recoverRuns(opened);
    const result = await movePaths(opened, { from, to, dryRun: options.dryRun ?? false });
    return { ...result, toAdd: await stageInGit(opened, result.changedFiles) };
  },

  render({ from, to, readers, toAdd }, style, { dryRun }) {
    const verb = dryRun === true ? 'Would move' : style.good('Moved');
    const stages = readers.map((name) => `"${name}"`).join(', ');
    return [
      `${verb} ${style.path(from)} to ${style.path(to)}`,
      ...(readers.length === 0 ? [] : [`Still read under its old name by ${stages}: change .mlops.yaml.`]),
      ...(dryRun === true ? [] : gitAddLines(toAdd, style)),
    ].join('\n');
  },
};
