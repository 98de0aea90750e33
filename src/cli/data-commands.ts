import type { CommandEntry } from './command.ts';

/** The commands that track data and look at it. */
export const DATA_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'add',
    group: 'data',
    summary: 'Track files and folders.',
    load: async () => (await import('./commands/add.ts')).add,
  },
  {
    name: 'remove',
    group: 'data',
    summary: 'Stop tracking files and folders.',
    load: async () => (await import('./commands/remove.ts')).remove,
  },
  {
    name: 'move',
    group: 'data',
    summary: 'Rename tracked data together with its entry.',
    load: async () => (await import('./commands/move.ts')).move,
  },
  {
    name: 'commit',
    group: 'data',
    summary: 'Accept what is in the workspace, without running.',
    load: async () => (await import('./commands/commit.ts')).commit,
  },
  {
    name: 'unprotect',
    group: 'data',
    summary: 'Make files that are links into the cache files of their own.',
    load: async () => (await import('./commands/unprotect.ts')).unprotect,
  },
  {
    name: 'checkout',
    group: 'data',
    summary: 'Make the workspace what the lockfile says.',
    load: async () => (await import('./commands/checkout.ts')).checkout,
  },
  {
    name: 'status',
    group: 'data',
    summary: 'Tell what changed, and which stages are out of date, and why.',
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    name: 'diff',
    group: 'data',
    summary: 'List the files that differ between two revisions.',
    load: async () => (await import('./commands/diff.ts')).diff,
  },
  {
    name: 'ls',
    group: 'data',
    summary: 'List the files of Git and the tracked ones.',
    load: async () => (await import('./commands/ls.ts')).ls,
  },
  {
    name: 'cat',
    group: 'data',
    summary: 'Print a tracked file at any revision.',
    load: async () => (await import('./commands/cat.ts')).cat,
  },
  {
    name: 'du',
    group: 'data',
    summary: 'Print the sizes of tracked paths.',
    load: async () => (await import('./commands/du.ts')).du,
  },
  {
    name: 'check-ignore',
    group: 'data',
    summary: 'Tell which rule of .mlopsignore ignores a path.',
    load: async () => (await import('./commands/check-ignore.ts')).checkIgnore,
  },
  {
    name: 'gc',
    group: 'data',
    summary: 'Remove from the cache what nothing needs.',
    load: async () => (await import('./commands/gc.ts')).gc,
  },
  {
    name: 'fsck',
    group: 'data',
    summary: 'Look for damaged and missing objects, and repair them.',
    load: async () => (await import('./commands/fsck.ts')).fsck,
  },
];
