import { MlopsError } from '../../core/errors.ts';
import { encodeValue, fromJson, sortedKeys, type Value } from '../../core/value.ts';
import type { RemoteConfig } from './config-layer.ts';
import { removeYamlValue, renameYamlKey, setYamlValue, yamlValueAt } from './edit-yaml.ts';
import { emptyMap } from './flow.ts';
import { encodeLine } from './plain-text.ts';
import { isRemoteName } from './settings-decoder.ts';
import { readYaml } from './yaml.ts';
import { valueOf } from './yaml-node.ts';

/** The text of a file of settings with one more remote. What the file says otherwise, its comments and its order stay. */
export function addRemote(text: string, name: string, remote: RemoteConfig): string {
  requireRemoteName(name);
  const values = emptyMap<Value>();
  const keys = sortedKeys(remote).toSorted((a, b) => Number(b === 'url') - Number(a === 'url'));
  for (const key of keys) {
    const value = remote[key as keyof RemoteConfig];
    if (value !== undefined) values[key] = fromJson(value);
  }
  const shown = Object.entries(values).map(
    ([key, value]) => `${key}: ${typeof value === 'string' ? JSON.stringify(value) : value}`,
  );
  return setYamlValue(text, ['remotes', name], values, `{ ${shown.join(', ')} }`);
}

/** The same with another default remote. */
export function setDefaultRemote(text: string, name: string): string {
  return setYamlValue(text, ['remote'], name, encodeLine(name));
}

/** The same with one setting, `path` leading to it: `['cache', 'dir']`, `['remotes', 'origin', 'region']`. */
export function setSetting(text: string, path: SettingPath, value: Value): string {
  const [first, name] = path;
  const short =
    path.length === 3 && first === 'remotes' && name !== undefined ? yamlValueAt(text, [first, name]) : null;
  // A remote that is written as its URL alone becomes a mapping first.
  const open = typeof short === 'string' && name !== undefined ? addRemote(text, name, { url: short }) : text;
  return setYamlValue(open, path, value, encodeValue(value));
}

/** The same without one setting. */
export function unsetSetting(text: string, path: SettingPath): string {
  return removeYamlValue(text, path);
}

/** The same with another name for a remote, the default included. */
export function renameRemote(text: string, from: string, to: string): string {
  requireRemoteName(to);
  const renamed = renameYamlKey(text, ['remotes', from], to);
  return yamlValueAt(text, ['remote']) === from ? setDefaultRemote(renamed, to) : renamed;
}

/** The same without a remote; it is no longer the default one either. */
export function removeRemote(text: string, name: string): string {
  const without = removeYamlValue(text, ['remotes', name]);
  return yamlValueAt(text, ['remote']) === name ? removeYamlValue(without, ['remote']) : without;
}

/** Whether a text of settings itself says something at this place. */
export function saysSetting(text: string, path: SettingPath): boolean {
  return yamlValueAt(text, path) !== undefined;
}

/** A value as it is typed: `4`, `true`, `[reflink, copy]`. Fails with `usage` when it is no YAML. */
export function parseSettingValue(text: string): Value {
  const { root, problems } = readYaml(text, '');
  if (problems.length > 0 || root === null) throw new MlopsError('usage', `${JSON.stringify(text)} is no value.`);
  return valueOf(root);
}

/** The keys that lead to a setting. */
export type SettingPath = readonly [string, ...string[]];

function requireRemoteName(name: string): void {
  if (isRemoteName(name)) return;
  throw new MlopsError('usage', `A remote cannot be called ${JSON.stringify(name)}.`, {
    hint: 'Names of remotes hold letters, digits and _ . - only, and begin with a letter or a digit.',
  });
}
