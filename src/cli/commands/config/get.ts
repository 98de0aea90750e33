import { MlopsError } from '../../../core/errors.ts';
import { getSetting, type Setting } from '../../../features/settings/list.ts';
import type { Command } from '../../command.ts';
import { settingText } from '../../output/setting.ts';

/** `mlops config get`. */
export const configGet: Command<object, Setting> = {
  name: 'config get',
  description:
    'The value that counts, when all files and the environment are put together; a default too. Exit 1 when there is none.',
  args: '<key>',
  examples: ['mlops config get jobs', 'mlops config get remotes.origin.url'],

  run: async ({ args: [key = ''] }, { project }) => getSetting(await project(), key),

  render: ({ value }) => (value === null ? '' : settingText(value)),

  problem: ({ key, value }) =>
    value === null ? new MlopsError('failed', `${key} is not set.`, { hint: `mlops config set ${key} <value>` }) : null,
};
