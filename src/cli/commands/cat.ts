import { MlopsError } from '../../core/errors.ts';
import { catFile } from '../../features/data/cat.ts';
import type { Command } from '../command.ts';

interface CatOptions {
  readonly rev?: string;
}

/** `mlops cat`. */
export const cat: Command<CatOptions, null> = {
  name: 'cat',
  description:
    'The bytes that the lockfile names, from the cache or a remote, verified. Nothing in the workspace changes.',
  args: '<path>',
  options: [['--rev <rev>', 'at this revision instead of the workspace']],
  examples: ['mlops cat data/labels.csv | head', 'mlops cat models/best/weights.bin --rev v1.0 > old.bin'],

  async run({ args: [path = ''], options }, { project, write }) {
    if (options.json === true) {
      throw new MlopsError('usage', 'mlops cat prints the bytes of a file, and no document.', {
        hint: 'Leave out --json.',
      });
    }
    await catFile(await project(), { path, rev: options.rev ?? null, write });
    return null;
  },

  render: () => '',
};
