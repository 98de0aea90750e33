import type { AddResult } from '../../features/data/add/add.ts';
import { importUrl } from '../../features/imports/url.ts';
import { stageInGit } from '../autostage.ts';
import type { Command } from '../command.ts';
import { addedLines } from '../output/added.ts';

interface ImportUrlOptions {
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** `mlops import-url`. */
export const importFromUrl: Command<ImportUrlOptions, AddResult & { readonly toAdd: readonly string[] }> = {
  name: 'import-url',
  description: 'http(s)://, s3://bucket/key, or a path. `mlops update` asks the server whether it changed.',
  args: '<url> [out]',
  options: [
    ['-f, --force', 'also where something is that is not tracked'],
    ['-n, --dry-run', 'only say what would be imported'],
  ],
  examples: [
    'mlops import-url https://example.com/data/iris.csv data/iris.csv',
    'mlops import-url s3://bucket/export.parquet',
  ],

  async run({ args: [url = '', out], options: { force = false, dryRun = false } }, { project }) {
    const opened = await project();
    const result = await importUrl(opened, { url, out: out ?? null, force, dryRun });
    return { ...result, toAdd: await stageInGit(opened, result.changedFiles) };
  },

  render: (result, style, { dryRun }) =>
    addedLines(result, ['Would import', 'Imported'], style, dryRun ?? false).join('\n'),
};
