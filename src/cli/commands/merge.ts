import { MlopsError } from '../../core/errors.ts';
import { mergeThree } from '../../features/merge/driver.ts';
import { mergeFile, type MergeResult } from '../../features/merge/merge.ts';
import type { Command } from '../command.ts';
import { mergeProblem, renderMerge } from '../output/merge.ts';

interface MergeOptions {
  readonly ours?: boolean;
  readonly theirs?: boolean;
  readonly driver?: boolean;
  readonly dryRun?: boolean;
}

/** `mlops merge`. */
export const merge: Command<MergeOptions, MergeResult> = {
  name: 'merge',
  description:
    'For a .mlops.lock.yaml that Git could not merge: it is merged by path and by stage, and what both sides changed differently is told. In a rebase, ours is what you rebase onto. With `mlops install --merge-driver` Git does it itself.',
  args: '[file...]',
  options: [
    ['--ours', 'settle what is left with our side'],
    ['--theirs', 'settle what is left with the other side'],
    ['--driver', 'as Git calls it: <base> <ours> <theirs>, the result goes into <ours>'],
    ['-n, --dry-run', 'only say what would be merged'],
  ],
  examples: ['mlops merge', 'mlops merge --theirs', 'mlops merge --dry-run'],

  async run({ args, options: { ours, theirs, driver, dryRun = false } }, { cwd, env, report, signal }) {
    const [first, second, third] = args;
    if (driver === true) {
      if (first !== undefined && second !== undefined && third !== undefined) {
        return mergeThree(cwd, { base: first, ours: second, theirs: third });
      }
      throw new MlopsError('usage', '--driver takes three files: <base> <ours> <theirs>.', {
        hint: 'mlops install --merge-driver',
      });
    }
    if (second !== undefined)
      throw new MlopsError('usage', 'mlops merge takes one file.', { hint: 'mlops merge [file]' });
    if (ours === true && theirs === true) throw new MlopsError('usage', 'Name one side: --ours or --theirs, not both.');
    return mergeFile({
      ...{ cwd, env, report, signal, dryRun },
      ...(first === undefined ? {} : { file: first }),
      ...(ours === true ? { take: 'ours' } : theirs === true ? { take: 'theirs' } : {}),
    });
  },

  render: (result, style, { driver, dryRun = false }) =>
    driver === true && result.conflicts.length === 0 ? '' : renderMerge(result, dryRun, style),

  problem: (result) => mergeProblem(result),
};
