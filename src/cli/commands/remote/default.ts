import { type RemoteChanged, type RemoteFile, setDefault } from '../../../features/remotes/change.ts';
import type { Command } from '../../command.ts';

interface RemoteDefaultOptions extends RemoteFile {
  readonly unset?: boolean;
}

/** The default remote, and the file that was changed; null when it was only asked for. */
export interface DefaultRemote {
  readonly name: string | null;
  readonly file: string | null;
}

/** `mlops remote default`. */
export const remoteDefault: Command<RemoteDefaultOptions, DefaultRemote | RemoteChanged> = {
  name: 'remote default',
  description: 'Without a name it prints the one that is.',
  args: '[name]',
  options: [
    ['--unset', 'no remote is the default one'],
    ['--local', 'in .mlops.local.yaml, for this clone alone'],
    ['--user', 'in your own settings'],
  ],
  examples: ['mlops remote default', 'mlops remote default archive --local'],

  async run({ args: [name], options: { unset, ...where } }, { project }) {
    const opened = await project();
    if (unset === true) return { ...(await setDefault(opened, null, where)), name: null };
    return name === undefined ? { name: opened.config.remote, file: null } : setDefault(opened, name, where);
  },

  render({ name, file }, style) {
    if (file === null) return name ?? 'No remote is the default one.';
    return name === null
      ? `${style.good('Done')}: ${file} names no default remote.`
      : `${style.good('Set')} the default remote to ${name} in ${file}.`;
  },
};
