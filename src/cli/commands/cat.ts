import { MlopsError } from '../../core/errors.ts';
import { catFile } from '../../features/data/cat.ts';
import { catSource } from '../../features/imports/cat.ts';
import { withContext } from '../../features/imports/context.ts';
import type { Command } from '../command.ts';

interface CatOptions {
  readonly rev?: string;
  readonly repo?: string;
}

/** `mlops cat`. */
export const cat: Command<CatOptions, null> = {
  name: 'cat',
  description:
    'The bytes that the lockfile names, from the cache or a remote, verified. Nothing in the workspace changes.',
  args: '<path>',
  options: [
    ['--rev <rev>', 'at this revision instead of the workspace'],
    ['--repo <url>', 'of another repository, by URL or path; works anywhere'],
  ],
  examples: ['mlops cat data/labels.csv | head', 'mlops cat models/best/weights.bin --rev v1.0 > old.bin'],

  async run({ args: [path = ''], options }, { project, write, cwd, env, now, report, signal }) {
    if (options.json === true) {
      throw new MlopsError('usage', 'mlops cat prints the bytes of a file, and no document.', {
        hint: 'Leave out --json.',
      });
    }
    const request = { path, rev: options.rev ?? null, write };
    if (options.repo === undefined) await catFile(await project(), request);
    else {
      const surroundings = { env, now, report, signal, waitMilliseconds: null };
      await withContext(cwd, surroundings, (context) => catSource(context, { repo: options.repo ?? '', ...request }));
    }
    return null;
  },

  render: () => '',
};
