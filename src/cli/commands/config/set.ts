import { changeSetting, type SettingChanged } from '../../../features/settings/change.ts';
import type { Command } from '../../command.ts';

interface ConfigSetOptions {
  readonly local?: boolean;
  readonly user?: boolean;
  readonly dryRun?: boolean;
}

/** `mlops config set`. */
export const configSet: Command<ConfigSetOptions, SettingChanged> = {
  name: 'config set',
  description:
    'Writes to .mlops.yaml, which is committed; comments and order stay. Secrets (accessKeyId, secretAccessKey, sessionToken, sseCustomerKey of a remote) go with --local or --user.',
  args: '<key> <value>',
  options: [
    ['--local', 'to .mlops.local.yaml, for this clone alone'],
    ['--user', 'to your own settings, for all your projects'],
    ['-n, --dry-run', 'only check it'],
  ],
  examples: [
    'mlops config set jobs 4',
    'mlops config set --local cache.link hardlink,copy',
    'mlops config set --user autostage true',
  ],

  run: async ({ args: [name = '', value = ''], options }, { project }) =>
    changeSetting(await project(), { name, value, ...options }),

  render: ({ key, file }, style, { dryRun }) =>
    `${dryRun === true ? 'Would set' : style.good('Set')} ${key} in ${file}.`,
};
