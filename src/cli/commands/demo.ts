import { type DemoResult, runDemo } from '../../features/demo/demo.ts';
import { runProgram } from '../../features/demo/run-program.ts';
import type { Command } from '../command.ts';
import { formatDuration } from '../output/format.ts';

/** `mlops demo`. */
export const demo: Command<object, DemoResult> = {
  name: 'demo',
  description:
    'A real project in a new folder: raw data, a pipeline, a trained model, a remote, a changed param, a clone, and back.\nTakes less than a minute, needs no network, and checks each step.',
  args: '[folder]',
  examples: ['mlops demo', 'mlops demo /tmp/penguins'],

  run: ({ args: [folder] }, { cwd, env, report, signal, now, runCommand }) =>
    runDemo({
      folder: folder ?? null,
      cwd,
      report,
      signal,
      now,
      runMlops: runCommand,
      runGit: (argv, at) => runProgram('git', argv, { cwd: at, env, signal }),
    }),

  render({ project, remote, clone, steps, next }, style) {
    const took = steps.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    return [
      `${style.good('Done:')} ${steps.length} commands in ${formatDuration(took)}; each did what it says.`,
      `  project  ${project}`,
      `  remote   ${remote}`,
      `  clone    ${clone}`,
      '',
      style.dim('Try next:'),
      ...next.map((line) => `  ${line}`),
    ].join('\n');
  },
};
