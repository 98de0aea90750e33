import { diffRevisions, type DiffResult } from '../../features/data/diff.ts';
import type { Command } from '../command.ts';
import { renderFileDiff } from '../output/file-diff.ts';

interface DiffOptions {
  readonly md?: boolean;
}

/** `mlops diff`. */
export const diff: Command<DiffOptions, DiffResult> = {
  name: 'diff',
  description: 'Without revisions: HEAD against the workspace; with one: that against the workspace. `a..b` is two.',
  args: '[a] [b] [-- paths...]',
  options: [['--md', 'as a Markdown table']],
  examples: ['mlops diff', 'mlops diff main', 'mlops diff v1.0..v1.1 -- data/images', 'mlops diff HEAD~1 HEAD --md'],

  async run({ args, afterDashes }, { project }) {
    return diffRevisions(await project(), { revisions: args, paths: afterDashes });
  },

  render: (result, style, { md }) => renderFileDiff(result, style, md ?? false),
};
