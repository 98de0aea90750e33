import { listFiles, type ListResult } from '../../features/data/list.ts';
import { withContext } from '../../features/imports/context.ts';
import { listSource } from '../../features/imports/list.ts';
import type { Command } from '../command.ts';
import { formatBytes } from '../output/format.ts';

interface LsOptions {
  readonly recursive?: boolean;
  readonly rev?: string;
  readonly size?: boolean;
  readonly repo?: string;
}

/** `mlops ls`. */
export const ls: Command<LsOptions, ListResult> = {
  name: 'ls',
  description: 'The files of Git and the tracked ones together, whether or not they are in the workspace.',
  args: '[path]',
  options: [
    ['-R, --recursive', 'every file beneath, also inside tracked folders'],
    ['--rev <rev>', 'at this revision instead of the workspace'],
    ['--size', 'with sizes'],
    ['--repo <url>', 'of another repository, by URL or path; works anywhere'],
  ],
  examples: [
    'mlops ls',
    'mlops ls data -R --size',
    'mlops ls data --rev v1.0',
    'mlops ls --repo https://github.com/team/datasets iris',
  ],

  async run({ args: [path], options }, { project, cwd, env, now, report, signal }) {
    const request = { path: path ?? null, rev: options.rev ?? null, recursive: options.recursive ?? false };
    if (options.repo === undefined) return listFiles(await project(), request);
    const surroundings = { env, now, report, signal, waitMilliseconds: null };
    return withContext(cwd, surroundings, (context) => listSource(context, { repo: options.repo ?? '', ...request }));
  },

  render({ entries }, style, { size }) {
    const sizes = entries.map((entry) => formatBytes(entry.size));
    const width = Math.max(0, ...sizes.map((text) => text.length));
    return entries
      .map(({ path, kind, tracked }, at) => {
        const name = `${style.path(path)}${kind === 'tree' ? '/' : ''}`;
        const shown = tracked ? style.good(name) : name;
        return size === true ? `${(sizes[at] ?? '').padStart(width)}  ${shown}` : shown;
      })
      .join('\n');
  },
};
