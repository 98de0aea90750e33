import type { CommandEntry } from './command.ts';

/** The commands about stages and their runs, in the order of the help. */
export const PIPELINE_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'repro',
    group: 'pipeline',
    summary: 'Run what is out of date; restore what was run before.',
    load: async () => (await import('./commands/repro.ts')).repro,
  },
  {
    name: 'dag',
    group: 'pipeline',
    summary: 'Draw the graph of the stages.',
    load: async () => (await import('./commands/dag.ts')).dag,
  },
  {
    name: 'stage list',
    group: 'pipeline',
    summary: 'List the stages.',
    load: async () => (await import('./commands/stage/list.ts')).stageList,
  },
  {
    name: 'stage show',
    group: 'pipeline',
    summary: 'Show all that the pipeline says of a stage.',
    load: async () => (await import('./commands/stage/show.ts')).stageShow,
  },
  {
    name: 'stage add',
    group: 'pipeline',
    summary: 'Write a new stage into .mlops.yaml.',
    load: async () => (await import('./commands/stage/add.ts')).stageAdd,
  },
  {
    name: 'stage remove',
    group: 'pipeline',
    summary: 'Take a stage out of .mlops.yaml.',
    load: async () => (await import('./commands/stage/remove.ts')).stageRemove,
  },
  {
    name: 'stage rename',
    group: 'pipeline',
    summary: 'Give a stage another name, without running it again.',
    load: async () => (await import('./commands/stage/rename.ts')).stageRename,
  },
  {
    name: 'freeze',
    group: 'pipeline',
    summary: 'Keep stages from running, whatever changes.',
    load: async () => (await import('./commands/freeze.ts')).freeze,
  },
  {
    name: 'unfreeze',
    group: 'pipeline',
    summary: 'Let frozen stages run again.',
    load: async () => (await import('./commands/unfreeze.ts')).unfreeze,
  },
  {
    name: 'runs list',
    group: 'pipeline',
    summary: 'List earlier runs.',
    load: async () => (await import('./commands/runs/list.ts')).runsList,
  },
  {
    name: 'runs show',
    group: 'pipeline',
    summary: 'Show one run with its params and metrics.',
    load: async () => (await import('./commands/runs/show.ts')).runsShow,
  },
  {
    name: 'runs diff',
    group: 'pipeline',
    summary: 'Compare two runs.',
    load: async () => (await import('./commands/runs/diff.ts')).runsDiff,
  },
  {
    name: 'runs rebuild',
    group: 'pipeline',
    summary: 'Make the history anew from the records of the runs.',
    load: async () => (await import('./commands/runs/rebuild.ts')).runsRebuild,
  },
  {
    name: 'runs prune',
    group: 'pipeline',
    summary: 'Forget old runs.',
    load: async () => (await import('./commands/runs/prune.ts')).runsPrune,
  },
];
