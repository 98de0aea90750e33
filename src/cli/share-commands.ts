import type { CommandEntry } from './command.ts';

/** The commands about remotes and what moves to and from them, in the order of the help. */
export const SHARE_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'remote add',
    group: 'share',
    summary: 'Name a place for the data: an S3 bucket, or a folder.',
    load: async () => (await import('./commands/remote/add.ts')).remoteAdd,
  },
  {
    name: 'remote list',
    group: 'share',
    summary: 'List the remotes.',
    load: async () => (await import('./commands/remote/list.ts')).remoteList,
  },
  {
    name: 'remote modify',
    group: 'share',
    summary: 'Change a setting of a remote.',
    load: async () => (await import('./commands/remote/modify.ts')).remoteModify,
  },
  {
    name: 'remote remove',
    group: 'share',
    summary: 'Forget a remote.',
    load: async () => (await import('./commands/remote/remove.ts')).remoteRemove,
  },
  {
    name: 'remote rename',
    group: 'share',
    summary: 'Give a remote another name.',
    load: async () => (await import('./commands/remote/rename.ts')).remoteRename,
  },
  {
    name: 'remote default',
    group: 'share',
    summary: 'Say which remote is the default one.',
    load: async () => (await import('./commands/remote/default.ts')).remoteDefault,
  },
  {
    name: 'push',
    group: 'share',
    summary: 'Send to a remote what it lacks.',
    load: async () => (await import('./commands/push.ts')).push,
  },
  {
    name: 'fetch',
    group: 'share',
    summary: 'Bring into the cache what it lacks.',
    load: async () => (await import('./commands/fetch.ts')).fetch,
  },
  {
    name: 'pull',
    group: 'share',
    summary: 'Fetch, and check out.',
    load: async () => (await import('./commands/pull.ts')).pull,
  },
  {
    name: 'import',
    group: 'share',
    summary: 'Track data of another repository, pinned to a commit.',
    load: async () => (await import('./commands/import.ts')).importData,
  },
  {
    name: 'import-url',
    group: 'share',
    summary: 'Track what a URL holds.',
    load: async () => (await import('./commands/import-url.ts')).importFromUrl,
  },
  {
    name: 'update',
    group: 'share',
    summary: 'Move imported data on to what its origin has now.',
    load: async () => (await import('./commands/update.ts')).update,
  },
  {
    name: 'get',
    group: 'share',
    summary: 'Download data of another repository.',
    load: async () => (await import('./commands/get.ts')).get,
  },
];
