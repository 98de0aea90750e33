import { MlopsError } from '../../core/errors.ts';
import { type DoctorResult, examine } from '../../features/doctor/doctor.ts';
import type { Command } from '../command.ts';
import { formatCount } from '../output/format.ts';

/** `mlops doctor`. */
export const doctor: Command<{ readonly remote?: string }, DoctorResult> = {
  name: 'doctor',
  description:
    'Looks at the machine, the installation and the project, and tries each remote for real: it is listed, and a small object written, read and deleted. Exits with 9 if something is broken.',
  options: [['-r, --remote <name>', 'of the remotes try this one alone']],
  examples: ['mlops doctor', 'mlops doctor --remote origin', 'mlops doctor --json'],

  run: ({ options }, { project, cwd, env, signal }) =>
    examine({ project, cwd, env, signal, remote: options.remote ?? null }),

  render({ version, checks }, style) {
    const width = Math.max(...checks.map(({ name }) => name.length));
    const lines = checks.flatMap(({ name, ok, message, hint }) => {
      const mark = ok === null ? style.dim('-') : ok ? style.good('✓') : style.bad('✗');
      const first = `${mark} ${name.padEnd(width)}  ${message}`;
      return hint === null ? [first] : [first, style.dim(`${' '.repeat(width + 4)}${hint}`)];
    });
    return [`mlops ${version}`, ...lines].join('\n');
  },

  problem({ checks }) {
    const broken = checks.filter(({ ok }) => ok === false);
    if (broken.length === 0) return null;
    const names = broken.map(({ name }) => name).join(', ');
    return new MlopsError('check-failed', `${formatCount(broken.length, 'thing')} to mend: ${names}.`);
  },
};
