import { checkModification } from '../../../features/remotes/modify.ts';
import { changeSetting, type SettingChanged, unsetSettings } from '../../../features/settings/change.ts';
import { MlopsError } from '../../../core/errors.ts';
import type { Command } from '../../command.ts';

interface RemoteModifyOptions {
  readonly local?: boolean;
  readonly user?: boolean;
  readonly unset?: boolean;
  readonly dryRun?: boolean;
}

/** `mlops remote modify`. */
export const remoteModify: Command<RemoteModifyOptions, SettingChanged> = {
  name: 'remote modify',
  description:
    'Keys: url, region, endpoint, profile, pathStyle, sse, kmsKey, acl, anonymous, requestPayer, listing, caFile, jobs; and with --local or --user the secrets accessKeyId, secretAccessKey, sessionToken, sseCustomerKey.',
  args: '<name> <key> [value]',
  options: [
    ['--unset', 'take the key away'],
    ['--local', 'in .mlops.local.yaml, for this clone alone'],
    ['--user', 'in your own settings, for all your projects'],
    ['-n, --dry-run', 'only check it'],
  ],
  examples: [
    'mlops remote modify origin region eu-west-1',
    'mlops remote modify --local origin endpoint http://localhost:9000',
    'mlops remote modify origin profile --unset',
  ],

  async run({ args: [name = '', key = '', value], options: { unset, ...where } }, { project }) {
    const opened = await project();
    const setting = `remotes.${name}.${key}`;
    if (unset === true) return unsetSettings(opened, { name: setting, ...where });
    if (value === undefined) throw new MlopsError('usage', `Say the value of "${key}", or take it away with --unset.`);
    return changeSetting(opened, {
      name: setting,
      value: checkModification(opened, { name, key, value, ...where }),
      ...where,
    });
  },

  render: ({ key, file }, style, { unset, dryRun }) => {
    if (unset === true) return `${dryRun === true ? 'Would take' : style.good('Took')} ${key} out of ${file}.`;
    return `${dryRun === true ? 'Would set' : style.good('Set')} ${key} in ${file}.`;
  },
};
