import { showStages, type StageShown } from '../../../features/pipeline/definition/stage-show.ts';
import type { Command } from '../../command.ts';
import { renderStage } from '../../output/stage.ts';

/** `mlops stage show`. */
export const stageShow: Command<object, StageShown> = {
  name: 'stage show',
  description: 'As it is understood: its ${…} replaced, paths from the root, with the stages that it reads from.',
  args: '<stages...>',
  examples: ['mlops stage show train', 'mlops stage show score@mlp-1', 'mlops stage show train --json'],

  run: async ({ args }, { project }) => showStages(await project(), args),

  render: ({ stages }, style) => stages.map((stage) => renderStage(stage, style)).join('\n\n'),
};
