import type { CacheLink, ConfigLayer, RemoteConfig } from './config-layer.ts';
import type { Decoder } from './decode.ts';
import { decodeResources } from './limits-decoder.ts';
import { emptyMap } from './flow.ts';
import type { YamlField } from './yaml-node.ts';

/** The keys of settings, in every file that may hold them. */
export const SETTINGS_KEYS: readonly string[] = ['remote', 'remotes', 'cache', 'jobs', 'resources', 'autostage'];

const REMOTE_TEXTS = ['url', 'region', 'endpoint', 'profile', 'sse', 'kmsKey', 'acl', 'caFile'] as const;
const REMOTE_FLAGS = ['pathStyle', 'anonymous', 'requestPayer', 'listing'] as const;

/** The keys of `cache:`. */
export const CACHE_KEYS: readonly string[] = ['dir', 'link', 'packBelow', 'shared', 'keepRuns'];

/** What opens a remote, or what lies on it, and so may stand in files that are never committed alone. */
export const REMOTE_SECRETS = ['accessKeyId', 'secretAccessKey', 'sessionToken', 'sseCustomerKey'] as const;

/** The keys of one remote. */
export const REMOTE_KEYS: readonly string[] = [...REMOTE_TEXTS, ...REMOTE_FLAGS, 'jobs', ...REMOTE_SECRETS];
const SHARED = ['group'] as const;
const LINKS: readonly CacheLink[] = ['reflink', 'copy', 'hardlink', 'symlink'];

/** The settings among the fields of a file; null says nothing, as if the key were not there. */
export function decodeSettings(
  given: ReadonlyMap<string, YamlField>,
  decoder: Decoder,
  secrets: 'allowed' | 'refused',
): ConfigLayer {
  const fields = new Map([...given].filter(([, { value }]) => value.type !== 'scalar' || value.value !== null));
  return withoutUndefined({
    remote: decoder.text(fields.get('remote')),
    remotes: decodeRemotes(fields.get('remotes'), decoder, secrets),
    cache: decodeCache(fields.get('cache'), decoder),
    jobs: decoder.count(fields.get('jobs')),
    resources: decodeResources(fields.get('resources'), decoder),
    autostage: decoder.flag(fields.get('autostage')),
  });
}

/** Whether a text can be the name of a remote. */
export function isRemoteName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) && !(name in {});
}

function decodeRemotes(
  field: YamlField | undefined,
  decoder: Decoder,
  secrets: 'allowed' | 'refused',
): Record<string, RemoteConfig> | undefined {
  if (field === undefined) return undefined;
  const remotes = emptyMap<RemoteConfig>();
  for (const { key, at, value } of decoder.map(field.value, '"remotes"')?.fields ?? []) {
    if (!isRemoteName(key)) {
      decoder.problem(at, `The remote's name ${JSON.stringify(key)} may hold letters, digits and _ . - only.`);
      continue;
    }
    // A plain text is short for the mapping with that URL.
    const isUrl = value.type === 'scalar' && typeof value.value === 'string';
    const fields = isUrl
      ? new Map([['url', { key: 'url', at, value }]])
      : decoder.fields(value, `the remote "${key}"`, REMOTE_KEYS);
    for (const name of REMOTE_SECRETS) {
      const secret = fields.get(name);
      if (secret === undefined || secrets === 'allowed') continue;
      decoder.problem(
        secret.at,
        `"${name}" is a secret, and this file is committed. Take it out, and say it for this clone alone: mlops remote modify --local ${key} ${name} <value>`,
      );
    }
    const remote: Record<string, string | boolean | number | undefined> = { jobs: decoder.count(fields.get('jobs')) };
    for (const name of [...REMOTE_TEXTS, ...REMOTE_SECRETS]) remote[name] = decoder.text(fields.get(name));
    for (const name of REMOTE_FLAGS) remote[name] = decoder.flag(fields.get(name));
    remotes[key] = withoutUndefined(remote);
  }
  return remotes;
}

function decodeCache(field: YamlField | undefined, decoder: Decoder): ConfigLayer['cache'] {
  if (field === undefined) return undefined;
  const fields = decoder.fields(field.value, '"cache"', CACHE_KEYS);
  const given = fields.get('link');
  const link = given && decoder.list(given).flatMap((value) => decoder.choice({ ...given, value }, LINKS) ?? []);
  const packBelow = decodePackBelow(fields.get('packBelow'), decoder);
  return withoutUndefined({
    dir: decoder.text(fields.get('dir')),
    link: link?.length === 0 ? undefined : link,
    packBelow,
    shared: decoder.choice(fields.get('shared'), SHARED),
    keepRuns: decodeDays(fields.get('keepRuns'), decoder),
  });
}

function decodePackBelow(field: YamlField | undefined, decoder: Decoder): number | undefined {
  const bytes = decoder.number(field);
  if (field === undefined || bytes === undefined) return undefined;
  if (Number.isInteger(bytes) && bytes >= 0 && bytes <= LARGEST_PACKED) return bytes;
  return decoder.problem(field.value.at, `"packBelow" is a whole number of bytes from 0 to ${LARGEST_PACKED}`);
}

function decodeDays(field: YamlField | undefined, decoder: Decoder): number | undefined {
  const days = decoder.number(field);
  if (field === undefined || days === undefined) return undefined;
  if (Number.isInteger(days) && days >= 0 && days <= MOST_DAYS) return days;
  return decoder.problem(field.value.at, `"${field.key}" is a whole number of days from 0 to ${MOST_DAYS}`);
}

const MOST_DAYS = 36_500;
const LARGEST_PACKED = 256 * 1024;

type Given<T> = { readonly [Key in keyof T]?: Exclude<T[Key], undefined> };

function withoutUndefined<T extends object>(map: T): Given<T> {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined)) as Given<T>;
}
