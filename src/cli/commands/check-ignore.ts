import { MlopsError } from '../../core/errors.ts';
import { checkIgnore as findRules, type CheckIgnoreResult } from '../../features/data/check-ignore.ts';
import type { Command } from '../command.ts';

/** `mlops check-ignore`. */
export const checkIgnore: Command<object, CheckIgnoreResult> = {
  name: 'check-ignore',
  description: 'File, line and rule of .mlopsignore for each path that is ignored. As in Git, none is exit code 1.',
  args: '<paths...>',
  examples: ['mlops check-ignore data/images/.DS_Store'],

  async run({ args }, { project }) {
    return findRules(await project(), args);
  },

  render: ({ ignored }, style) =>
    ignored
      .map(({ path, file, line, rule }) => {
        const place = file === null ? 'always ignored' : `${style.path(file)}:${line}:${rule}`;
        return `${place}\t${style.path(path)}`;
      })
      .join('\n'),

  problem: ({ ignored, notIgnored }) =>
    ignored.length > 0 ? null : new MlopsError('failed', `Nothing ignores ${notIgnored.join(', ')}.`),
};
