import type { AddResult } from '../../features/data/add/add.ts';
import { updateImports } from '../../features/imports/update.ts';
import { stageInGit } from '../autostage.ts';
import type { Command } from '../command.ts';
import { addedLines } from '../output/added.ts';
import { formatCount } from '../output/format.ts';

interface UpdateOptions {
  readonly rev?: string;
  readonly force?: boolean;
  readonly download: boolean;
  readonly dryRun?: boolean;
}

/** `mlops update`. */
export const update: Command<UpdateOptions, AddResult & { readonly toAdd: readonly string[] }> = {
  name: 'update',
  args: '<paths...>',
  options: [
    ['--rev <rev>', 'another branch, tag or commit of the repository from now on'],
    ['--no-download', 'only move the pin; `mlops pull` brings the data'],
    ['-f, --force', 'also over what was changed in the workspace and is nowhere else'],
    ['-n, --dry-run', 'only say what would be updated'],
  ],
  examples: ['mlops update data/raw.csv', 'mlops update models/base --rev v3.0'],

  async run({ args: paths, options }, { project }) {
    const opened = await project();
    const { rev, force = false, download, dryRun = false } = options;
    const result = await updateImports(opened, { paths, rev: rev ?? null, force, download, dryRun });
    return { ...result, toAdd: await stageInGit(opened, result.changedFiles) };
  },

  render(result, style, { dryRun }) {
    const lines = addedLines(result, ['Would update', 'Updated'], style, dryRun ?? false);
    return lines.length === 0
      ? `Nothing to update: ${formatCount(result.unchanged.length, 'path')} unchanged.`
      : lines.join('\n');
  },
};
