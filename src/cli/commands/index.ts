import type { CommandEntry } from '../command.ts';
import { DATA_COMMANDS } from '../data-commands.ts';
import { PIPELINE_COMMANDS } from '../pipeline-commands.ts';
import { SHARE_COMMANDS } from '../share-commands.ts';

/** Everything one can type, in the order of the help. A command is loaded when it is typed. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'init',
    group: 'start',
    summary: 'Make this folder a project.',
    load: async () => (await import('./init.ts')).init,
  },
  {
    name: 'demo',
    group: 'start',
    summary: 'Play the main job on real data in a new folder.',
    load: async () => (await import('./demo.ts')).demo,
  },
  {
    name: 'doctor',
    group: 'start',
    summary: 'Look at the machine, the installation and the project.',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  ...DATA_COMMANDS,
  ...PIPELINE_COMMANDS,
  {
    name: 'metrics show',
    group: 'compare',
    summary: 'Show metrics at revisions.',
    load: async () => (await import('./metrics/show.ts')).metricsShow,
  },
  {
    name: 'metrics diff',
    group: 'compare',
    summary: 'Compare metrics between two revisions.',
    load: async () => (await import('./metrics/diff.ts')).metricsDiff,
  },
  {
    name: 'metrics check',
    group: 'compare',
    summary: 'Hold metrics to the gates of the project.',
    load: async () => (await import('./metrics/check.ts')).metricsCheck,
  },
  {
    name: 'params show',
    group: 'compare',
    summary: 'Show params at revisions.',
    load: async () => (await import('./params/show.ts')).paramsShow,
  },
  {
    name: 'params diff',
    group: 'compare',
    summary: 'Compare params between two revisions.',
    load: async () => (await import('./params/diff.ts')).paramsDiff,
  },
  {
    name: 'plots show',
    group: 'compare',
    summary: 'Draw the plots.',
    load: async () => (await import('./plots/show.ts')).plotsShow,
  },
  {
    name: 'plots diff',
    group: 'compare',
    summary: 'Draw the plots of revisions over each other.',
    load: async () => (await import('./plots/diff.ts')).plotsDiff,
  },
  {
    name: 'ci check',
    group: 'compare',
    summary: 'Say whether a commit is fit to be merged.',
    load: async () => (await import('./ci/check.ts')).ciCheck,
  },
  {
    name: 'ci report',
    group: 'compare',
    summary: 'Write what a reviewer asks of a change, as Markdown.',
    load: async () => (await import('./ci/report.ts')).ciReport,
  },
  ...SHARE_COMMANDS,
  {
    name: 'train',
    group: 'training',
    summary: 'Train a classifier on the rows of a CSV file.',
    load: async () => (await import('./train.ts')).train,
  },
  {
    name: 'evaluate',
    group: 'training',
    summary: 'Measure a model on rows that it has not seen.',
    load: async () => (await import('./evaluate.ts')).evaluate,
  },
  {
    name: 'predict',
    group: 'training',
    summary: "Write a model's predictions.",
    load: async () => (await import('./predict.ts')).predict,
  },
  {
    name: 'config list',
    group: 'tool',
    summary: 'List the settings.',
    load: async () => (await import('./config/list.ts')).configList,
  },
  {
    name: 'config get',
    group: 'tool',
    summary: 'Print a setting.',
    load: async () => (await import('./config/get.ts')).configGet,
  },
  {
    name: 'config set',
    group: 'tool',
    summary: 'Change a setting.',
    load: async () => (await import('./config/set.ts')).configSet,
  },
  {
    name: 'config unset',
    group: 'tool',
    summary: 'Take a setting away.',
    load: async () => (await import('./config/unset.ts')).configUnset,
  },
  {
    name: 'merge',
    group: 'tool',
    summary: 'Resolve a lockfile that Git could not merge.',
    load: async () => (await import('./merge.ts')).merge,
  },
  {
    name: 'install',
    group: 'tool',
    summary: 'Make Git merge lockfiles by path and by stage.',
    load: async () => (await import('./install.ts')).install,
  },
  {
    name: 'uninstall',
    group: 'tool',
    summary: 'Undo what install did.',
    load: async () => (await import('./uninstall.ts')).uninstall,
  },
  {
    name: 'root',
    group: 'tool',
    summary: "Print the project's root.",
    load: async () => (await import('./root.ts')).root,
  },
  {
    name: 'completion',
    group: 'tool',
    summary: 'Print a completion script: bash, zsh or fish.',
    load: async () => (await import('./completion.ts')).completion,
  },
  {
    name: 'version',
    group: 'tool',
    summary: 'Print the version.',
    load: async () => (await import('./version.ts')).version,
  },
  {
    name: 'help exit-codes',
    group: 'tool',
    summary: 'Print what each exit code means.',
    load: async () => (await import('./help/exit-codes.ts')).helpExitCodes,
  },
];
