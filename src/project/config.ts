import { isAbsolute, join, resolve } from 'node:path';
import { MlopsError } from '../core/errors.ts';
import type { CacheLink, ConfigLayer, RemoteConfig } from '../stores/documents/config-layer.ts';

/** Where a setting came from. A later one wins. */
export type ConfigOrigin = 'default' | 'user' | 'project' | 'local' | 'env';

/** A remote as all sources together say it is. */
export type NamedRemote = RemoteConfig & { readonly url: string };

/** All settings of an opened project, merged. */
export interface Config {
  /** The default remote's name. */
  readonly remote: string | null;
  readonly remotes: Readonly<Record<string, NamedRemote>>;
  readonly cache: {
    /** Absolute. */
    readonly dir: string;
    readonly link: readonly CacheLink[];
    /** Objects of fewer bytes go into packs; null: as it is by default. */
    readonly packBelow: number | null;
    /** Days for which the outputs of a run stay in the cache, whatever else needs them. */
    readonly keepRuns: number;
    /** Who beside its owner may write to it. */
    readonly shared: 'group' | null;
  };
  /** Stages at once. */
  readonly jobs: number;
  /** How many tokens of each resource the stages that run at once may hold together. */
  readonly resources: Readonly<Record<string, number>>;
  /** Whether `add` and `repro` stage what they changed in Git. */
  readonly autostage: boolean;
  /** Where each setting that is not a default came from: `jobs`, `cache.dir`, `remotes.origin`. */
  readonly origins: Readonly<Record<string, ConfigOrigin>>;
}

/** One source of settings. */
export interface ConfigSource {
  readonly origin: ConfigOrigin;
  readonly layer: ConfigLayer;
}

/** Merges the sources in their order; a remote's own keys are merged too, so that a clone can override its endpoint alone. */
export function mergeConfig(root: string, defaultCache: string, sources: readonly ConfigSource[]): Config {
  const origins: Record<string, ConfigOrigin> = {};
  const remotes: Record<string, RemoteConfig> = Object.create(null) as Record<string, RemoteConfig>;
  const merged: { remote: string | null; dir: string; link: readonly CacheLink[]; jobs: number; autostage: boolean } = {
    remote: null,
    dir: defaultCache,
    link: ['reflink', 'copy'],
    jobs: 1,
    autostage: false,
  };
  let packBelow: number | null = null;
  let keepRuns = 30;
  let shared: 'group' | null = null;
  const resources: Record<string, number> = Object.create(null) as Record<string, number>;
  for (const { origin, layer } of sources) {
    for (const key of ['remote', 'jobs', 'autostage'] as const) if (layer[key] !== undefined) origins[key] = origin;
    merged.remote = layer.remote ?? merged.remote;
    merged.jobs = layer.jobs ?? merged.jobs;
    merged.autostage = layer.autostage ?? merged.autostage;
    if (layer.cache?.dir !== undefined) {
      merged.dir = isAbsolute(layer.cache.dir) ? layer.cache.dir : resolve(root, layer.cache.dir);
      origins['cache.dir'] = origin;
    }
    if (layer.cache?.link !== undefined) {
      merged.link = layer.cache.link;
      origins['cache.link'] = origin;
    }
    if (layer.cache?.keepRuns !== undefined) {
      keepRuns = layer.cache.keepRuns;
      origins['cache.keepRuns'] = origin;
    }
    if (layer.cache?.packBelow !== undefined) {
      packBelow = layer.cache.packBelow;
      origins['cache.packBelow'] = origin;
    }
    if (layer.cache?.shared !== undefined) {
      shared = layer.cache.shared;
      origins['cache.shared'] = origin;
    }
    for (const [name, count] of Object.entries(layer.resources ?? {})) {
      resources[name] = count;
      origins[`resources.${name}`] = origin;
    }
    for (const [name, remote] of Object.entries(layer.remotes ?? {})) {
      remotes[name] = { ...remotes[name], ...remote };
      origins[`remotes.${name}`] = origin;
      for (const key of Object.keys(remote)) origins[`remotes.${name}.${key}`] = origin;
    }
  }
  const { remote, jobs, autostage, dir, link } = merged;
  return {
    remote,
    remotes: withUrls(remotes),
    cache: { dir, link, packBelow, shared, keepRuns },
    jobs,
    resources,
    autostage,
    origins,
  };
}

function withUrls(remotes: Readonly<Record<string, RemoteConfig>>): Record<string, NamedRemote> {
  const named = Object.create(null) as Record<string, NamedRemote>;
  for (const [name, remote] of Object.entries(remotes)) {
    if (remote.url === undefined) {
      throw new MlopsError('invalid-file', `The remote "${name}" has settings, but no file says its url.`, {
        hint: `mlops remote add ${name} <url>`,
      });
    }
    named[name] = { ...remote, url: remote.url };
  }
  return named;
}

/** Settings from environment variables: `MLOPS_REMOTE`, `MLOPS_JOBS`, `MLOPS_CACHE_DIR`, `MLOPS_AUTOSTAGE`. */
export function configFromEnv(env: Readonly<Record<string, string | undefined>>): ConfigLayer {
  const { MLOPS_REMOTE: remote, MLOPS_CACHE_DIR: dir, MLOPS_JOBS: jobs, MLOPS_AUTOSTAGE: autostage } = env;
  return {
    ...(remote ? { remote } : {}),
    ...(dir ? { cache: { dir } } : {}),
    ...(jobs ? { jobs: countFromEnv('MLOPS_JOBS', jobs) } : {}),
    ...(autostage ? { autostage: switchFromEnv('MLOPS_AUTOSTAGE', autostage) } : {}),
  };
}

/** The file with a person's own defaults. */
export function userConfigFile(env: Readonly<Record<string, string | undefined>>): string | null {
  const { XDG_CONFIG_HOME: xdg, APPDATA: appData, HOME: home, USERPROFILE: profile } = env;
  const folder = xdg || (home || profile ? join(home || profile || '', '.config') : appData);
  return folder ? join(folder, 'mlops', 'config.yaml') : null;
}

function countFromEnv(name: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new MlopsError('usage', `The environment variable ${name} is ${JSON.stringify(text)}, not a count from 1 up.`);
}

function switchFromEnv(name: string, text: string): boolean {
  if (['1', 'true'].includes(text)) return true;
  if (['0', 'false'].includes(text)) return false;
  throw new MlopsError('usage', `The environment variable ${name} is ${JSON.stringify(text)}, neither true nor false.`);
}
