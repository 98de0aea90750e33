import { listSettings, type SettingList } from '../../../features/settings/list.ts';
import { settingsTarget } from '../../../project/settings.ts';
import type { Command } from '../../command.ts';
import { settingText } from '../../output/setting.ts';
import { renderTable } from '../../output/table.ts';

interface ConfigListOptions {
  readonly local?: boolean;
  readonly user?: boolean;
  readonly showOrigin?: boolean;
}

/** `mlops config list`. */
export const configList: Command<ConfigListOptions, SettingList> = {
  name: 'config list',
  description:
    "What counts, when all files and the environment are put together: yours, the project's, this clone's, MLOPS_* variables; a later one wins.",
  options: [
    ['--show-origin', 'with the file that each comes from'],
    ['--local', 'only what .mlops.local.yaml says'],
    ['--user', 'only what your own settings say'],
  ],
  examples: ['mlops config list', 'mlops config list --show-origin'],

  async run({ options }, { project }) {
    const target = settingsTarget(options);
    return listSettings(await project(), target === 'project' ? null : target);
  },

  render({ settings }, style, { showOrigin }) {
    if (settings.length === 0) return 'Nothing is set.';
    if (showOrigin !== true) return settings.map(({ key, value }) => `${key}=${settingText(value)}`).join('\n');
    const rows = settings.map(({ key, value, origin, file }) => [
      key,
      settingText(value),
      file ?? (origin === 'env' ? 'environment' : origin),
    ]);
    return renderTable(['setting', 'value', 'from'], rows, style);
  },
};
