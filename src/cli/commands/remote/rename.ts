import { type RemoteChanged, type RemoteFile, renameRemote } from '../../../features/remotes/change.ts';
import type { Command } from '../../command.ts';

/** `mlops remote rename`. */
export const remoteRename: Command<RemoteFile, RemoteChanged> = {
  name: 'remote rename',
  args: '<from> <to>',
  options: [
    ['--local', 'in .mlops.local.yaml'],
    ['--user', 'in your own settings'],
  ],
  examples: ['mlops remote rename origin team'],

  run: async ({ args: [from = '', to = ''], options }, { project }) => renameRemote(await project(), from, to, options),

  render: ({ name, file }, style) => `${style.good('Renamed')} the remote to ${name} in ${file}.`,
};
