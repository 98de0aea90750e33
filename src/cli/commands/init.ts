import { initProject, type InitResult } from '../../project/init.ts';
import type { Command } from '../command.ts';

interface InitOptions {
  readonly git: boolean;
  readonly subdir?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** `mlops init`. */
export const init: Command<InitOptions, InitResult> = {
  name: 'init',
  description: 'Writes .mlops.yaml and .mlopsignore, which belong in Git, and .mlops/, which stays on this machine.',
  options: [
    ['--no-git', 'a project without history'],
    ['--subdir', 'in a folder inside a Git repository'],
    ['-f, --force', 'write what a project lacks that is there already; never replaces a file'],
    ['-n, --dry-run', 'only say what would be written'],
  ],
  examples: ['mlops init', 'mlops init --subdir', 'mlops -C models/churn init --subdir'],

  run: ({ options }, { cwd, env }) =>
    initProject({
      cwd,
      env,
      git: options.git,
      subdir: options.subdir ?? false,
      force: options.force ?? false,
      dryRun: options.dryRun ?? false,
    }),

  render({ root, isNew, files, staged }, style, { dryRun }) {
    const written = files.map((file) => `  ${file}${staged.includes(file) ? style.dim('  (staged in Git)') : ''}`);
    if (dryRun === true)
      return [`Would ${isNew ? 'make a project' : 'complete the project'} in ${root}`, ...written].join('\n');
    if (!isNew && files.length === 0) return `The project in ${root} lacks nothing.`;
    if (!isNew) return [`${style.good('Completed')} the project in ${root}`, ...written].join('\n');
    return [
      `${style.good('A new project')} in ${root}`,
      ...written,
      '',
      style.dim('Next:'),
      '  mlops add <file or folder>     track data',
      '  edit .mlops.yaml               describe stages',
      '  mlops repro                    run them',
    ].join('\n');
  },
};
