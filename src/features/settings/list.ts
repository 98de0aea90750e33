import { join } from 'node:path';
import { compareCodePoints, type Json } from '../../core/value.ts';
import { type ConfigOrigin, userConfigFile } from '../../project/config.ts';
import type { Project } from '../../project/project.ts';
import { shownFile } from '../../project/settings.ts';
import { settingKeyOf } from './key.ts';

/** One setting as all files and the environment together have it. */
export interface Setting {
  /** Dotted: `cache.dir`, `remotes.origin.url`. */
  readonly key: string;
  /** Null when nothing sets it and it has no default. Of a secret only that it is there: `********`. */
  readonly value: Json;
  readonly origin: ConfigOrigin;
  /** The file that sets it; null for a default and for the environment. */
  readonly file: string | null;
}

/** The document of `config list`. */
export interface SettingList {
  readonly settings: readonly Setting[];
}

/** Every setting that someone set, by its name; of one source alone when it is named. */
export function listSettings(project: Project, origin: ConfigOrigin | null = null): SettingList {
  const settings = settingsOf(project)
    .filter((setting) => setting.origin !== 'default' && (origin === null || setting.origin === origin))
    .map((setting) => (settingKeyOf(setting.key).isSecret ? { ...setting, value: '********' } : setting));
  return { settings: settings.toSorted((a, b) => compareCodePoints(a.key, b.key)) };
}

/** One setting by its name, a default included. Fails with `usage` for a name that is no setting. */
export function getSetting(project: Project, name: string): Setting {
  const key = settingKeyOf(name).path.join('.');
  const found = settingsOf(project).find((setting) => setting.key === key);
  return found ?? { key, value: null, origin: 'default', file: null };
}

function settingsOf(project: Project): Setting[] {
  const { remote, remotes, cache, jobs, resources, autostage } = project.config;
  const values: Record<string, Json> = { remote, jobs, autostage };
  for (const [key, value] of Object.entries(cache)) values[`cache.${key}`] = value;
  for (const [name, count] of Object.entries(resources)) values[`resources.${name}`] = count;
  for (const [name, settings] of Object.entries(remotes)) {
    for (const [key, value] of Object.entries(settings)) values[`remotes.${name}.${key}`] = value;
  }
  return Object.entries(values).map(([key, value]) => {
    const origin = project.config.origins[key] ?? 'default';
    return { key, value, origin, file: fileOf(project, origin) };
  });
}

function fileOf(project: Project, origin: ConfigOrigin): string | null {
  const { layout, env } = project;
  if (origin === 'project') return shownFile(project, layout.pipelineFile);
  if (origin === 'local') return shownFile(project, layout.localFile);
  return origin === 'user' ? (userConfigFile(env) ?? join('~', '.config', 'mlops', 'config.yaml')) : null;
}
