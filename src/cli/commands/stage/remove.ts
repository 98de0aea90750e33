import type { StageEdited } from '../../../features/pipeline/edit/add.ts';
import { removeStage } from '../../../features/pipeline/edit/remove.ts';
import { stageInGit } from '../../autostage.ts';
import type { Command } from '../../command.ts';
import { editLines } from '../../output/stage-edit.ts';

interface StageRemoveOptions {
  readonly dryRun?: boolean;
}

/** `mlops stage remove`. */
export const stageRemove: Command<StageRemoveOptions, StageEdited & { readonly toAdd: readonly string[] }> = {
  name: 'stage remove',
  description:
    'The comment right above the stage goes with it; all other lines stay. What it wrote stays too, and its entry in .mlops.lock.yaml until the next run.',
  args: '<stage>',
  options: [['-n, --dry-run', 'only show the change']],
  examples: ['mlops stage remove report', 'mlops stage remove models/churn:train --dry-run'],

  async run({ args: [name = ''], options: { dryRun = false } }, { project }) {
    const opened = await project();
    const result = await removeStage(opened, { name, dryRun });
    return { ...result, toAdd: dryRun ? [] : await stageInGit(opened, result.changedFiles) };
  },

  render(result, style, { dryRun = false }) {
    const verb = dryRun ? 'Would remove' : style.good('Removed');
    const sentence = `${verb} stage ${result.stage} from ${style.path(result.change.file)}.`;
    return editLines([result], { sentence, dryRun, toAdd: result.toAdd }, style);
  },
};
