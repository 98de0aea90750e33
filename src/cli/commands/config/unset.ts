import { type SettingChanged, unsetSettings } from '../../../features/settings/change.ts';
import type { Command } from '../../command.ts';

interface ConfigUnsetOptions {
  readonly local?: boolean;
  readonly user?: boolean;
  readonly dryRun?: boolean;
}

/** `mlops config unset`. */
export const configUnset: Command<ConfigUnsetOptions, SettingChanged> = {
  name: 'config unset',
  args: '<key>',
  options: [
    ['--local', 'from .mlops.local.yaml'],
    ['--user', 'from your own settings'],
    ['-n, --dry-run', 'only check it'],
  ],
  examples: ['mlops config unset jobs', 'mlops config unset --local cache.dir'],

  run: async ({ args: [name = ''], options }, { project }) => unsetSettings(await project(), { name, ...options }),

  render: ({ key, file }, style, { dryRun }) =>
    `${dryRun === true ? 'Would take' : style.good('Took')} ${key} out of ${file}.`,
};
