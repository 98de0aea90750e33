import { MlopsError } from '../../../core/errors.ts';
import { checkProject, type CiCheck } from '../../../features/ci/check.ts';
import type { Command } from '../../command.ts';

/** `mlops ci check`. */
export const ciCheck: Command<{ readonly base?: string }, CiCheck> = {
  name: 'ci check',
  description:
    'For CI: is the data what the lockfile says, every stage up to date, everything on the remote, every metric within its gates? Exits with 9 if not.',
  options: [['--base <rev>', 'what the gates compare with; HEAD by default']],
  examples: ['mlops ci check', 'mlops ci check --base origin/main'],

  run: async ({ options }, { project }) => checkProject(await project(), options.base ?? null),

  render: ({ checks }, style) =>
    checks
      .map(({ ok, message, hint }) => {
        const mark = ok === null ? style.dim('-') : ok ? style.good('ok') : style.bad('no');
        return `${mark}  ${message}${hint === null ? '' : style.dim(`  ${hint}`)}`;
      })
      .join('\n'),
  problem: ({ ok }) => (ok ? null : new MlopsError('check-failed', 'This is not fit to be merged.')),
};
