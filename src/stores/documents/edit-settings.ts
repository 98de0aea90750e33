import { MlopsError } from '../../core/errors.ts';
import { fromJson, sortedKeys, type Value } from '../../core/value.ts';
import type { RemoteConfig } from './config-layer.ts';
import { setYamlValue } from './edit-yaml.ts';
import { emptyMap } from './flow.ts';
import { encodeLine } from './plain-text.ts';
import { isRemoteName } from './settings-decoder.ts';

/** The text of a file of settings with one more remote. What the file says otherwise, its comments and its order stay. */
export function addRemote(text: string, name: string, remote: RemoteConfig): string {
  if (!isRemoteName(name)) {
    throw new MlopsError('usage', `A remote cannot be called ${JSON.stringify(name)}.`, {
      hint: 'Names of remotes hold letters, digits and _ . - only, and begin with a letter or a digit.',
    });
  }
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
