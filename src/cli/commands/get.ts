import { getPath, type GetResult } from '../../features/imports/get.ts';
import type { Command } from '../command.ts';
import { formatBytes, formatCount } from '../output/format.ts';

interface GetOptions {
  readonly output?: string;
  readonly rev?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** `mlops get`. */
export const get: Command<GetOptions, GetResult> = {
  name: 'get',
  description: 'Works anywhere; nothing is tracked. `mlops import` tracks it too.',
  args: '<repo> <path>',
  options: [
    ['-o, --output <path>', 'where it goes; by default the same name in the current folder'],
    ['--rev <rev>', 'a branch, tag or commit of the repository'],
    ['-f, --force', 'replace what is there'],
    ['-n, --dry-run', 'only say what would be downloaded'],
  ],
  examples: [
    'mlops get https://github.com/team/models models/best',
    'mlops get ../datasets iris/raw.csv -o raw.csv --rev v1.0',
  ],

  run({ args: [repo = '', path = ''], options }, { cwd, env, now, report, signal }) {
    const { output, rev, force = false, dryRun = false } = options;
    const surroundings = { env, now, report, signal, waitMilliseconds: null };
    return getPath(cwd, surroundings, { repo, path, out: output ?? null, rev: rev ?? null, force, dryRun });
  },

  render({ path, size, files, commit }, style, { dryRun }) {
    const volume = files === null ? formatBytes(size) : `${formatCount(files, 'file')}, ${formatBytes(size)}`;
    return `${dryRun === true ? 'Would get' : style.good('Got')} ${path} ${style.dim(`(${volume}, commit ${commit.slice(0, 10)})`)}`;
  },
};
