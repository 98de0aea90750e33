import { type FreezeResult, freezeStages } from '../../features/pipeline/edit/freeze.ts';
import { stageInGit } from '../autostage.ts';
import type { Command } from '../command.ts';
import { renderFreeze } from '../output/freeze.ts';

interface Options {
  readonly dryRun?: boolean;
}

/** `mlops unfreeze`. */
export const unfreeze: Command<Options, FreezeResult & { readonly toAdd: readonly string[] }> = {
  name: 'unfreeze',
  description: 'The stages run again when something changed.',
  args: '<stages...>',
  options: [['-n, --dry-run', 'only show the change']],
  examples: ['mlops unfreeze train', 'mlops unfreeze score models/churn:train'],

  async run({ args: names, options: { dryRun = false } }, { project }) {
    const opened = await project();
    const result = await freezeStages(opened, { names, frozen: false, dryRun });
    const files = [...new Set(result.stages.flatMap(({ changedFiles }) => changedFiles))];
    return { ...result, toAdd: dryRun ? [] : await stageInGit(opened, files) };
  },

  render: (result, style, { dryRun = false }) => renderFreeze(result, { frozen: false, dryRun }, style),
};
