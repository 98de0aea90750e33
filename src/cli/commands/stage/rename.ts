import { renameStage, type StageRenamed } from '../../../features/pipeline/edit/rename.ts';
import { stageInGit } from '../../autostage.ts';
import type { Command } from '../../command.ts';
import { editLines } from '../../output/stage-edit.ts';

interface StageRenameOptions {
  readonly dryRun?: boolean;
}

/** `mlops stage rename`. */
export const stageRename: Command<StageRenameOptions, StageRenamed & { readonly toAdd: readonly string[] }> = {
  name: 'stage rename',
  description: 'Its entry in .mlops.lock.yaml gets the new name too, so nothing runs again for it.',
  args: '<stage> <name>',
  options: [['-n, --dry-run', 'only show the change']],
  examples: ['mlops stage rename train fit', 'mlops stage rename models/churn:train fit'],

  async run({ args: [from = '', to = ''], options: { dryRun = false } }, { project }) {
    const opened = await project();
    const result = await renameStage(opened, { from, to, dryRun });
    return { ...result, toAdd: dryRun ? [] : await stageInGit(opened, result.changedFiles) };
  },

  render(result, style, { dryRun = false }) {
    const verb = dryRun ? 'Would rename' : style.good('Renamed');
    const sentence = `${verb} stage ${result.from} to ${result.stage} in ${style.path(result.change.file)}.`;
    return editLines([result], { sentence, dryRun, toAdd: result.toAdd }, style);
  },
};
