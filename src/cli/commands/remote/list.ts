import { listRemotes, type RemoteList } from '../../../features/remotes/list.ts';
import type { Command } from '../../command.ts';
import { renderTable } from '../../output/table.ts';

/** `mlops remote list`. */
export const remoteList: Command<object, RemoteList> = {
  name: 'remote list',
  examples: ['mlops remote list'],

  run: async (_, { project }) => listRemotes(await project()),

  render({ remotes }, style) {
    if (remotes.length === 0) return 'There are no remotes. Add one: mlops remote add -d origin <url>';
    const rows = remotes.map((remote) => [remote.name, remote.url, remote.isDefault ? 'default' : '']);
    return renderTable(['remote', 'url', ''], rows, style);
  },
};
