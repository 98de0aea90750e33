import { MlopsError } from '../../core/errors.ts';
import type { Value } from '../../core/value.ts';
import type { Project } from '../../project/project.ts';
import { changeSettings, settingsTarget, shownFile } from '../../project/settings.ts';
import { parseSettingValue, saysSetting, setSetting, unsetSetting } from '../../stores/documents/edit-settings.ts';
import { parseSettings } from '../../stores/documents/settings-file.ts';
import { type SettingKey, settingKeyOf } from './key.ts';

/** Which file: the committed one, this clone's (`local`) or the person's own (`user`). */
export interface SettingsFile {
  readonly local?: boolean;
  readonly user?: boolean;
  readonly dryRun?: boolean;
}

/** The document of `config set` and `config unset`. */
export interface SettingChanged {
  readonly key: string;
  /** The file that now says it, or no longer does. */
  readonly file: string;
}

/** Writes one setting, as typed. Fails with `usage` for a value that it cannot have and for a secret in the committed file. */
export async function changeSetting(
  project: Project,
  { name, value, ...where }: SettingsFile & { readonly name: string; readonly value: string },
): Promise<SettingChanged> {
  const key = settingKeyOf(name);
  const target = settingsTarget(where);
  if (key.isSecret && target === 'project') {
    throw new MlopsError('usage', `${name} is a secret, and .mlops.yaml is committed.`, {
      hint: 'Add --local (this clone) or --user (all your projects).',
    });
  }
  const read = readValue(key, value);
  check(key, name, value, read);
  return write(project, where, name, (text) => setSetting(text, key.path, read));
}

/** Takes one setting out of a file. Fails with `usage` when that file does not say it. */
export async function unsetSettings(
  project: Project,
  { name, ...where }: SettingsFile & { readonly name: string },
): Promise<SettingChanged> {
  const { path } = settingKeyOf(name);
  return write(project, where, name, (text, file) => {
    if (saysSetting(text, path)) return unsetSetting(text, path);
    const from = project.config.origins[name];
    const where = from === 'local' ? ' --local' : from === 'user' ? ' --user' : null;
    throw new MlopsError('usage', `${file} does not say ${name}.`, {
      ...(from === undefined || where === null ? {} : { hint: `mlops config unset${where} ${name}` }),
    });
  });
}

async function write(
  project: Project,
  where: SettingsFile,
  key: string,
  change: (text: string, file: string) => string,
): Promise<SettingChanged> {
  const target = settingsTarget(where);
  const shown = { project: '.mlops.yaml', local: '.mlops.local.yaml', user: 'Your own file of settings' }[target];
  const file = await changeSettings(project, target, (text) => {
    const changed = change(text, shown);
    return where.dryRun === true ? text : changed;
  });
  return { key, file: shownFile(project, file) };
}

function readValue({ path, isText }: SettingKey, text: string): Value {
  if (isText) return text;
  if (path.join('.') === 'cache.link' && !text.startsWith('[')) return text.split(',').map((link) => link.trim());
  return parseSettingValue(text);
}

/** Holds a value to the laws of the file, in a file that says nothing else. */
function check({ path }: SettingKey, name: string, typed: string, value: Value): void {
  try {
    parseSettings(setSetting('', path, value), name);
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
    const { problems = [] } = error;
    const why = problems.map(({ message }) => message).join(' ') || error.message;
    throw new MlopsError('usage', `${name} cannot be ${JSON.stringify(typed)}: ${why}`);
  }
}
