import { reproduce, type ReproResult } from '../../features/pipeline/repro.ts';
import { stageInGit } from '../autostage.ts';
import type { Command } from '../command.ts';
import { gitAddLines } from '../output/git-add.ts';
import { renderRepro, reproProblem } from '../output/repro.ts';

interface ReproOptions {
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly single?: boolean;
  readonly downstream?: boolean;
  readonly keepGoing?: boolean;
  readonly runCache: boolean;
  readonly commit: boolean;
  readonly allowMissing?: boolean;
}

/** `mlops repro`. */
export const repro: Command<ReproOptions, ReproResult & { readonly toAdd: readonly string[] }> = {
  name: 'repro',
  description: 'Targets are stages, or paths that a stage writes; what they need runs before them.',
  args: '[targets...]',
  options: [
    ['-n, --dry-run', 'only say what would run, and why'],
    ['-f, --force', 'run even what is up to date'],
    ['-s, --single', 'only the targets themselves'],
    ['--downstream', 'the targets and what follows from them'],
    ['-k, --keep-going', 'after a failure, run what does not depend on it'],
    ['--no-run-cache', 'run, even if the result of an earlier run could be restored'],
    ['--no-commit', 'leave the outputs out of the cache'],
    ['--allow-missing', 'take a dependency that is not in the workspace for what the lockfile says'],
  ],
  examples: ['mlops repro', 'mlops repro train -n', 'mlops repro -s evaluate -f', 'mlops repro --downstream prepare'],

  async run({ args, options }, { project }) {
    const opened = await project();
    const result = await reproduce(opened, { ...options, targets: args });
    return { ...result, toAdd: await stageInGit(opened, result.changedFiles) };
  },

  render: (result, style, { dryRun }) =>
    [renderRepro(result, style, dryRun ?? false), ...gitAddLines(result.toAdd, style)].join('\n'),
  problem: reproProblem,
};
