import { type RemoteChanged, type RemoteFile, removeRemote } from '../../../features/remotes/change.ts';
import type { Command } from '../../command.ts';

/** `mlops remote remove`. */
export const remoteRemove: Command<RemoteFile, RemoteChanged> = {
  name: 'remote remove',
  description: 'The project forgets the remote; what is stored there stays.',
  args: '<name>',
  options: [
    ['--local', 'from .mlops.local.yaml'],
    ['--user', 'from your own settings'],
  ],
  examples: ['mlops remote remove archive'],

  run: async ({ args: [name = ''], options }, { project }) => removeRemote(await project(), name, options),

  render: ({ name, file }, style) =>
    `${style.good('Removed')} remote ${name} from ${file}; what is stored there stays.`,
};
