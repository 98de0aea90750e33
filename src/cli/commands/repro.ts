import { pullFrom } from '../../features/pipeline/pull.ts';
import { reproduce, type ReproResult } from '../../features/pipeline/repro.ts';
import { stageInGit } from '../autostage.ts';
import type { Command } from '../command.ts';
import { gitAddLines } from '../output/git-add.ts';
import { renderRepro, reproProblem } from '../output/repro.ts';
import { collectAssignment, parseCount } from '../parse.ts';

interface ReproOptions {
  readonly dryRun?: boolean;
  readonly explain?: boolean;
  readonly force?: boolean;
  readonly single?: boolean;
  readonly downstream?: boolean;
  readonly forceDownstream?: boolean;
  readonly keepGoing?: boolean;
  readonly ignoreErrors?: boolean;
  readonly jobs?: number | true;
  readonly runCache: boolean;
  readonly commit: boolean;
  readonly pull?: boolean;
  readonly remote?: string;
  readonly allowMissing?: boolean;
  readonly setParam?: readonly { readonly name: string; readonly value: string }[];
}

/** `mlops repro`. */
export const repro: Command<ReproOptions, ReproResult & { readonly toAdd: readonly string[] }> = {
  name: 'repro',
  description: 'Targets are stages, or paths that a stage writes; what they need runs before them.',
  args: '[targets...]',
  options: [
    ['-n, --dry-run', 'only say what would run, and why'],
    ['--explain', 'say of every stage what was done with it, and why'],
    ['-j, --jobs [count]', 'stages at once; without a count, as many as there are cores', parseCount],
    ['-f, --force', 'run even what is up to date'],
    ['-s, --single', 'only the targets themselves'],
    ['--downstream', 'the targets and what follows from them'],
    ['--force-downstream', 'run also what follows from a stage that ran or was restored, even if it wrote the same'],
    ['-k, --keep-going', 'after a failure, run what does not depend on it'],
    ['--ignore-errors', 'after a failure, run also what depends on it, on what there is'],
    ['--no-run-cache', 'run, even if the result of an earlier run could be restored'],
    ['--no-commit', 'leave the outputs out of the cache'],
    ['--pull', 'fetch what is missing, and results of earlier runs that the cache has no longer'],
    ['-r, --remote <name>', 'fetch from this remote; implies --pull'],
    ['--allow-missing', 'take a dependency that is not in the workspace for what the lockfile says'],
    ['-S, --set-param <name=value>', 'change a param in its file first; may be given several times', collectAssignment],
  ],
  examples: [
    'mlops repro',
    'mlops repro -S train.lr=0.01',
    'mlops repro -j 4 -k',
    'mlops repro train -n',
    'mlops repro -s evaluate -f',
    'mlops repro --downstream prepare',
  ],

  async run({ args, options }, { project }) {
    const opened = await project();
    const { setParam, pull, remote, ...request } = options;
    const fetches = pull === true || remote !== undefined;
    const result = await reproduce(opened, {
      ...request,
      targets: args,
      setParams: setParam ?? [],
      pull: fetches ? pullFrom(opened, remote ?? null) : null,
    });
    return { ...result, toAdd: await stageInGit(opened, result.changedFiles) };
  },

  render: (result, style, options) =>
    [renderRepro(result, style, options), ...gitAddLines(result.toAdd, style)].join('\n'),
  problem: reproProblem,
};
