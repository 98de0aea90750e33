import { MlopsError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Remote, RemoteCredentials } from '../stores/remotes/remote.ts';
import type { Config, NamedRemote } from './config.ts';
import type { Project } from './project.ts';

/** Opens a remote of the project by its name, or the default one. */
export async function openRemoteOf(
  { config, root, env }: Pick<Project, 'config' | 'root' | 'env'>,
  name: string | null,
): Promise<Remote> {
  const chosen = name ?? config.remote ?? onlyOne(Object.keys(config.remotes));
  if (chosen === undefined) {
    const known = Object.keys(config.remotes);
    throw new MlopsError(
      'usage',
      known.length === 0 ? 'This project has no remote.' : 'No remote is the default one.',
      {
        hint: known.length === 0 ? 'mlops remote add -d origin <url>' : `mlops remote default ${known[0]}`,
      },
    );
  }
  return openRemoteAt({ root, env }, chosen, remoteNamed(config, chosen));
}

/** Opens a place by what is said of it; what is not said is as the kind of remote has it. */
export async function openRemoteAt(
  { root, env }: Pick<Project, 'root' | 'env'>,
  name: string,
  remote: NamedRemote,
): Promise<Remote> {
  const { openRemote } = await import('../stores/remotes/index.ts');
  return openRemote(remote.url, {
    name,
    region: remote.region ?? null,
    endpoint: remote.endpoint ?? null,
    profile: remote.profile ?? null,
    pathStyle: remote.pathStyle ?? null,
    sse: remote.sse ?? null,
    kmsKey: remote.kmsKey ?? null,
    acl: remote.acl ?? null,
    anonymous: remote.anonymous ?? false,
    requestPayer: remote.requestPayer ?? false,
    caFile: remote.caFile ?? null,
    sseCustomerKey: remote.sseCustomerKey ?? null,
    credentials: credentialsOf(remote, name),
    jobs: remote.jobs ?? null,
    root,
    env,
  });
}

/** What the configuration says of a remote. Fails with `usage` when there is none of this name. */
export function remoteNamed({ remotes }: Config, name: string): Config['remotes'][string] {
  const remote = Object.hasOwn(remotes, name) ? remotes[name] : undefined;
  if (remote !== undefined) return remote;
  throw new MlopsError('usage', `There is no remote "${name}"${didYouMean(name, Object.keys(remotes))}`, {
    hint: `mlops remote add ${name} <url>`,
  });
}

function onlyOne(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : undefined;
}

function credentialsOf(
  { accessKeyId, secretAccessKey, sessionToken }: NamedRemote,
  name: string,
): RemoteCredentials | null {
  if (accessKeyId === undefined && secretAccessKey === undefined) return null;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const missing = accessKeyId === undefined ? 'accessKeyId' : 'secretAccessKey';
    throw new MlopsError(
      'usage',
      `The settings of remote "${name}" name one half of a key pair: ${missing} is missing.`,
      {
        hint: `mlops remote modify --local ${name} ${missing} <value>`,
      },
    );
  }
  return { accessKeyId, secretAccessKey, sessionToken: sessionToken ?? null };
}
