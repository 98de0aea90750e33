import { addStage, type StageAddRequest, type StageEdited } from '../../../features/pipeline/edit/add.ts';
import { stageInGit } from '../../autostage.ts';
import type { Command } from '../../command.ts';
import { editLines } from '../../output/stage-edit.ts';
import { collectText } from '../../parse.ts';

type StageAddOptions = Omit<StageAddRequest, 'name' | 'command'>;

/** `mlops stage add`. */
export const stageAdd: Command<StageAddOptions, StageEdited & { readonly toAdd: readonly string[] }> = {
  name: 'stage add',
  description:
    'Comments, order and quotes of the file stay. A stage with a mistake is refused, and nothing is written. Paths start from the folder that the stage runs in.',
  args: '<name> [-- command...]',
  options: [
    ['-d, --deps <path>', 'a file, folder or pattern that it reads; each option may be given again', collectText],
    ['-p, --params <names>', 'params that it reads: lr,epochs · other.yaml:a,b · whole.json:', collectText],
    ['-o, --outs <path>', 'a file or folder that it writes', collectText],
    ['-O, --outs-no-cache <path>', 'the same, kept in Git and not in the cache', collectText],
    ['--outs-persist <path>', 'the same, left in place before it runs', collectText],
    ['-m, --metrics <path>', 'a file of numbers that it writes, kept in Git', collectText],
    ['--plots <path>', 'a file of points that it writes, kept in Git', collectText],
    ['-w, --wdir <dir>', 'the folder that it runs in; by default the current one'],
    ['--env <name>', 'an environment variable that is an input', collectText],
    ['--desc <text>', 'what it is for'],
    ['--always-changed', 'run it each time'],
    ['-f, --force', 'in place of the stage of this name'],
    ['-n, --dry-run', 'only show the change'],
  ],
  examples: [
    'mlops stage add prepare -d prepare.js -d raw.csv -p seed -o clean.csv -- node prepare.js',
    'mlops stage add models/churn:train -d train.py -o model.bin -- python train.py --lr 0.1',
    'mlops stage add report -m metrics.json -- "node tables.js && node report.js"',
  ],

  async run({ args: [name = ''], afterDashes, options }, { project }) {
    const opened = await project();
    const result = await addStage(opened, { ...options, name, command: afterDashes });
    return { ...result, toAdd: options.dryRun === true ? [] : await stageInGit(opened, result.changedFiles) };
  },

  render(result, style, { dryRun = false }) {
    const verb = dryRun ? 'Would add' : style.good('Added');
    const sentence = `${verb} stage ${result.stage} to ${style.path(result.change.file)}.`;
    return editLines([result], { sentence, dryRun, toAdd: result.toAdd }, style);
  },
};
