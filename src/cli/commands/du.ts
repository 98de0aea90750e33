import { diskUsage, type UsageResult } from '../../features/data/usage.ts';
import type { Command } from '../command.ts';
import { formatBytes, formatCount, formatInteger } from '../output/format.ts';
import { renderTable } from '../output/table.ts';

interface DuOptions {
  readonly rev?: string;
}

/** `mlops du`. */
export const du: Command<DuOptions, UsageResult> = {
  name: 'du',
  description: 'Sizes as the lockfile has them, whether or not the data is in the workspace.',
  args: '[targets...]',
  options: [['--rev <rev>', 'at this revision instead of the workspace']],
  examples: ['mlops du', 'mlops du data/images/train', 'mlops du --rev v1.0'],

  async run({ args, options }, { project }) {
    return diskUsage(await project(), { targets: args, rev: options.rev ?? null });
  },

  render({ paths, size, files, distinct }, style) {
    if (paths.length === 0) return 'Nothing is tracked.';
    const rows = paths.map((one) => [style.path(one.path), formatInteger(one.files), formatBytes(one.size)]);
    const once = distinct === null || distinct === size ? '' : `; ${formatBytes(distinct)} when equal files count once`;
    return [
      renderTable(['path', 'files', 'size'], rows, style),
      `${formatCount(files, 'file')}, ${formatBytes(size)}${once}.`,
    ].join('\n');
  },
};
