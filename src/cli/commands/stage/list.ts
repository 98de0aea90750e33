import { listStages, type StageList } from '../../../features/pipeline/definition/stage-list.ts';
import type { Command } from '../../command.ts';
import { renderTable } from '../../output/table.ts';

/** `mlops stage list`. */
export const stageList: Command<object, StageList> = {
  name: 'stage list',
  args: '[targets...]',
  examples: ['mlops stage list', 'mlops stage list train', 'mlops stage list --json'],

  run: async ({ args }, { project }) => listStages(await project(), args),

  render({ stages }, style, { verbose }) {
    if (stages.length === 0) return 'There are no stages; describe them in .mlops.yaml.';
    const rows = stages.map(({ stage, cmd, outs, desc, frozen }) => {
      const does = desc ?? (typeof cmd === 'string' ? cmd : cmd.join('; '));
      const [line = '', ...more] = does.split('\n');
      const text = verbose ? does : more.length > 0 ? `${line} …` : line;
      return [`${stage}${frozen ? style.dim(' (frozen)') : ''}`, text, outs.map(style.path).join(' ')];
    });
    return renderTable(['stage', 'does', 'writes'], rows, style);
  },
};
