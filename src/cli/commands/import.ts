import type { AddResult } from '../../features/data/add/add.ts';
import { importPath } from '../../features/imports/import.ts';
import { stageInGit } from '../autostage.ts';
import type { Command } from '../command.ts';
import { addedLines } from '../output/added.ts';

interface ImportOptions {
  readonly output?: string;
  readonly rev?: string;
  readonly force?: boolean;
  readonly download: boolean;
  readonly dryRun?: boolean;
}

/** `mlops import`. */
export const importData: Command<ImportOptions, AddResult & { readonly toAdd: readonly string[] }> = {
  name: 'import',
  description:
    'The repository is a URL that Git can read, or a path. What comes is pinned to a commit in .mlops.lock.yaml; `mlops update` moves the pin.',
  args: '<repo> <path>',
  options: [
    ['-o, --output <path>', 'where it goes; by default the same name in the current folder'],
    ['--rev <rev>', 'a branch, tag or commit of the repository'],
    ['--no-download', 'only name it; `mlops pull` brings it'],
    ['-f, --force', 'also where something is that is not tracked'],
    ['-n, --dry-run', 'only say what would be imported'],
  ],
  examples: [
    'mlops import https://github.com/team/datasets iris/raw.csv',
    'mlops import git@host:team/models models/best -o models/base --rev v2.1',
  ],

  async run({ args: [repo = '', path = ''], options }, { project }) {
    const opened = await project();
    const { output, rev, force = false, download, dryRun = false } = options;
    const result = await importPath(opened, {
      repo,
      path,
      out: output ?? null,
      rev: rev ?? null,
      force,
      download,
      dryRun,
    });
    return { ...result, toAdd: await stageInGit(opened, result.changedFiles) };
  },

  render: (result, style, { dryRun }) =>
    addedLines(result, ['Would import', 'Imported'], style, dryRun ?? false).join('\n'),
};
