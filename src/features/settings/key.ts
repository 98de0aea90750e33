import { MlopsError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { SettingPath } from '../../stores/documents/edit-settings.ts';
import { CACHE_KEYS, REMOTE_KEYS, REMOTE_SECRETS } from '../../stores/documents/settings-decoder.ts';

const ALONE = ['remote', 'jobs', 'autostage'];
const NO_TEXTS = new Set([
  'jobs',
  'autostage',
  'pathStyle',
  'anonymous',
  'requestPayer',
  'listing',
  'link',
  'packBelow',
  'keepRuns',
]);

/** One setting that can be read and written by its name. */
export interface SettingKey {
  readonly path: SettingPath;
  /** Whether its value is a text whatever it looks like. */
  readonly isText: boolean;
  readonly isSecret: boolean;
}

/** What a dotted name means: `jobs`, `cache.dir`, `resources.gpu`, `remotes.origin.region`. Fails with `usage` for any other. */
export function settingKeyOf(name: string): SettingKey {
  const [first = '', ...rest] = name.split('.');
  if (first === 'remotes' && rest.length > 1) {
    // Names of remotes may have points.
    const key = rest.at(-1) ?? '';
    if (REMOTE_KEYS.includes(key)) return keyOf(['remotes', rest.slice(0, -1).join('.'), key]);
    throw new MlopsError('usage', `A remote has no setting "${key}"${didYouMean(key, REMOTE_KEYS)}`, {
      hint: `It has ${REMOTE_KEYS.join(', ')}.`,
    });
  }
  if (first === 'resources' && rest.length > 0) return { ...keyOf(['resources', rest.join('.')]), isText: false };
  if (first === 'cache' && rest.length === 1 && CACHE_KEYS.includes(rest[0] ?? ''))
    return keyOf(['cache', rest[0] ?? '']);
  if (ALONE.includes(name)) return keyOf([first]);
  const known = [...ALONE, ...CACHE_KEYS.map((key) => `cache.${key}`)];
  throw new MlopsError('usage', `There is no setting "${name}"${didYouMean(name, known)}`, {
    hint: `There are ${known.join(', ')}, resources.<name> and remotes.<name>.<key>.`,
  });
}

function keyOf(path: SettingPath): SettingKey {
  const last = path.at(-1) ?? '';
  const isSecret = path[0] === 'remotes' && (REMOTE_SECRETS as readonly string[]).includes(last);
  return { path, isText: !NO_TEXTS.has(last), isSecret };
}
