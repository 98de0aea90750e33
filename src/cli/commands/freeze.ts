import { type FreezeResult, freezeStages } from '../../features/pipeline/edit/freeze.ts';
import { stageInGit } from '../autostage.ts';
import type { Command } from '../command.ts';
import { renderFreeze } from '../output/freeze.ts';

interface Options {
  readonly dryRun?: boolean;
}

/** `mlops freeze`. */
export const freeze: Command<Options, FreezeResult & { readonly toAdd: readonly string[] }> = {
  name: 'freeze',
  description:
    'A frozen stage never runs, whatever changed; stages below read what it wrote before. A group of stages is frozen as a whole.',
  args: '<stages...>',
  options: [['-n, --dry-run', 'only show the change']],
  examples: ['mlops freeze train', 'mlops freeze score models/churn:train'],

  async run({ args: names, options: { dryRun = false } }, { project }) {
    const opened = await project();
    const result = await freezeStages(opened, { names, frozen: true, dryRun });
    const files = [...new Set(result.stages.flatMap(({ changedFiles }) => changedFiles))];
    return { ...result, toAdd: dryRun ? [] : await stageInGit(opened, files) };
  },

  render: (result, style, { dryRun = false }) => renderFreeze(result, { frozen: true, dryRun }, style),
};
