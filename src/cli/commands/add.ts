import { MlopsError } from '../../core/errors.ts';
import { shellWord } from '../../core/shell-word.ts';
import { addPaths, type AddRequest, type AddResult } from '../../features/data/add/add.ts';
import { addCopy } from '../../features/data/add/copy-in.ts';
import { expandPaths } from '../../features/data/add/expand-paths.ts';
import { recoverRuns } from '../../features/pipeline/run/journal.ts';
import type { Project } from '../../project/project.ts';
import { stageInGit } from '../autostage.ts';
import type { Command } from '../command.ts';
import { addedLines } from '../output/added.ts';
import { formatCount } from '../output/format.ts';
import { gitAddLines } from '../output/git-add.ts';

interface AddOptions {
  readonly glob?: boolean;
  readonly out?: string;
  readonly commit: boolean;
  readonly toRemote?: boolean;
  readonly remote?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** How bytes go to a remote in place of the cache, where that is asked for. */
async function sending(project: Project, { toRemote, remote, commit }: AddOptions): Promise<Pick<AddRequest, 'send'>> {
  if (toRemote !== true) {
    if (remote === undefined) return {};
    throw new MlopsError('usage', '--remote says where --to-remote sends the bytes, and that is not asked for.', {
      hint: `mlops add --to-remote --remote ${shellWord(remote)} …; or: mlops add …, then mlops push`,
    });
  }
  if (!commit) throw new MlopsError('usage', '--to-remote sends the bytes now, and --no-commit leaves them for later.');
  const { remoteNamed } = await import('../../project/remote-of.ts');
  const { sendFound } = await import('../../features/data/add/to-remote.ts');
  if (remote !== undefined) remoteNamed(project.config, remote);
  return { send: (found, lockfile) => sendFound(project, remote ?? null, found, lockfile) };
}

/** `mlops add`. */
export const add: Command<AddOptions, AddResult & { readonly toAdd: readonly string[] }> = {
  name: 'add',
  description:
    'The bytes go to the cache, their digest to .mlops.lock.yaml, and Git is told to ignore the path itself. A tracked folder keeps what was never in this clone; what was, and is gone, goes.',
  args: '<paths...>',
  options: [
    ['--glob', 'the paths are patterns: every file that matches is tracked by itself'],
    ['--out <path>', 'copy the path, from wherever it is, to this place in the project first'],
    ['--no-commit', 'leave the cache as it is; `mlops commit` puts the bytes into it later'],
    ['--to-remote', 'send the bytes to a remote at once, and keep none of them in the cache'],
    ['-r, --remote <name>', 'with --to-remote: to this remote instead of the default one'],
    ['-f, --force', 'also what Git tracks; with --out: also where something is that Git does not track'],
    ['-n, --dry-run', 'only say what would be added'],
  ],
  examples: [
    'mlops add data/raw.csv',
    'mlops add data/images data/labels.json',
    'mlops add --glob "data/**/*.csv"',
    'mlops add ~/Downloads/export.csv --out data/raw.csv',
    'mlops add data/videos --to-remote -r archive',
  ],

  async run({ args, options }, { project }) {
    const opened = await project();
    if (options.dryRun !== true) await recoverRuns(opened);
    const { out, commit, force = false, dryRun = false } = options;
    const paths = options.glob === true ? await expandPaths(opened, args) : args;
    const request = { paths, force, dryRun, commit, ...(await sending(opened, options)) };
    const result = await (out === undefined ? addPaths(opened, request) : addCopy(opened, { ...request, out }));
    return { ...result, toAdd: await stageInGit(opened, result.changedFiles) };
  },

  render({ added, unchanged, removed = [], toAdd }, style, { dryRun }) {
    if (added.length === 0 && removed.length === 0) {
      const unstaged = dryRun ? [] : gitAddLines(toAdd, style);
      return [`Nothing to add: ${formatCount(unchanged.length, 'path')} unchanged.`, ...unstaged].join('\n');
    }
    return addedLines({ added, removed, toAdd }, ['Would add', 'Added'], style, dryRun ?? false).join('\n');
  },
};
