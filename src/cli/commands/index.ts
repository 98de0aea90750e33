import type { CommandEntry } from '../command.ts';
import { DATA_COMMANDS } from '../data-commands.ts';
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
  {
    name: 'repro',
    group: 'pipeline',
    summary: 'Run what is out of date; restore what was run before.',
    load: async () => (await import('./repro.ts')).repro,
  },
  {
    name: 'dag',
    group: 'pipeline',
    summary: 'Draw the graph of the stages.',
    load: async () => (await import('./dag.ts')).dag,
  },
  {
    name: 'stage list',
    group: 'pipeline',
    summary: 'List the stages.',
    load: async () => (await import('./stage/list.ts')).stageList,
  },
  {
    name: 'stage show',
    group: 'pipeline',
    summary: 'Show all that the pipeline says of a stage.',
    load: async () => (await import('./stage/show.ts')).stageShow,
  },
  {
    name: 'stage add',
    group: 'pipeline',
    summary: 'Write a new stage into .mlops.yaml.',
    load: async () => (await import('./stage/add.ts')).stageAdd,
  },
  {
    name: 'stage remove',
    group: 'pipeline',
    summary: 'Take a stage out of .mlops.yaml.',
    load: async () => (await import('./stage/remove.ts')).stageRemove,
  },
  {
    name: 'stage rename',
    group: 'pipeline',
    summary: 'Give a stage another name, without running it again.',
    load: async () => (await import('./stage/rename.ts')).stageRename,
  },
  {
    name: 'freeze',
    group: 'pipeline',
    summary: 'Keep stages from running, whatever changes.',
    load: async () => (await import('./freeze.ts')).freeze,
  },
  {
    name: 'unfreeze',
    group: 'pipeline',
    summary: 'Let frozen stages run again.',
    load: async () => (await import('./unfreeze.ts')).unfreeze,
  },
  {
    name: 'runs list',
    group: 'pipeline',
    summary: 'List earlier runs.',
    load: async () => (await import('./runs/list.ts')).runsList,
  },
  {
    name: 'runs show',
    group: 'pipeline',
    summary: 'Show one run with its params and metrics.',
    load: async () => (await import('./runs/show.ts')).runsShow,
  },
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
