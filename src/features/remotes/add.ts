import { isAbsolute, relative, resolve, sep } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import type { Project } from '../../project/project.ts';
import { changeSettings, type SettingsTarget } from '../../project/settings.ts';
import type { RemoteConfig } from '../../stores/documents/config-layer.ts';
import { addRemote as addToText, setDefaultRemote } from '../../stores/documents/edit-settings.ts';
import { checkRemoteUrl, schemeOf } from '../../stores/remotes/index.ts';

/** A remote to be, as typed. */
export interface RemoteAddRequest {
  readonly name: string;
  readonly url: string;
  /** Make it the default one. */
  readonly default?: boolean;
  readonly local?: boolean;
  readonly user?: boolean;
  /** Replace one of the same name. */
  readonly force?: boolean;
  readonly region?: string;
  readonly endpoint?: string;
  readonly profile?: string;
  readonly anonymous?: boolean;
}

/** The document of `remote add`. */
export interface RemoteAdded {
  readonly name: string;
  /** As it was written: a folder is relative to the project's root. */
  readonly url: string;
  readonly isDefault: boolean;
  /** The file that now names it. */
  readonly file: string;
}

/** Writes a remote into a file of settings. Checks all that can be checked without the remote itself. */
export async function addRemote(project: Project, request: RemoteAddRequest): Promise<RemoteAdded> {
  const target = targetOf(request);
  refuseSecrets(request);
  checkRemoteUrl(request.url);
  checkEndpoint(request);
  refuseTaken(project, request, target);

  const url = writtenUrl(project, request.url, target);
  const remote = { url, ...optionsOf(request) };
  const file = await changeSettings(project, target, (text) => {
    const changed = addToText(text, request.name, remote);
    return request.default === true ? setDefaultRemote(changed, request.name) : changed;
  });
  return { name: request.name, url, isDefault: request.default === true, file: shown(project, file) };
}

function targetOf({ local, user }: RemoteAddRequest): SettingsTarget {
  if (local === true && user === true) throw new MlopsError('usage', 'Name one file: --local or --user, not both.');
  return local === true ? 'local' : user === true ? 'user' : 'project';
}

function optionsOf({ region, endpoint, profile, anonymous }: RemoteAddRequest): RemoteConfig {
  return {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(profile === undefined ? {} : { profile }),
    ...(anonymous === undefined ? {} : { anonymous }),
  };
}

/** What is committed is read by everybody, so a key or password must never get into it. */
function refuseSecrets({ url, endpoint }: RemoteAddRequest): void {
  if (![url, endpoint].some((text) => text !== undefined && /^[a-z0-9+.-]+:\/\/[^/?#]*@/i.test(text))) return;
  throw new MlopsError(
    'usage',
    'The URL holds a user or a secret in front of the "@"; it would be committed with it.',
    {
      hint: 'Leave it out: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with --profile.',
    },
  );
}

function checkEndpoint({ url, endpoint, region, profile, anonymous }: RemoteAddRequest): void {
  if (endpoint !== undefined && !(URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol))) {
    throw new MlopsError('usage', `The endpoint "${endpoint}" is not a URL.`, {
      hint: 'Write it with its scheme: --endpoint https://minio.example.com:9000',
    });
  }
  const given = { endpoint, region, profile, anonymous };
  const ofS3 = Object.entries(given).find(([, value]) => value !== undefined);
  if (schemeOf(url) !== 's3:' && ofS3 !== undefined) {
    throw new MlopsError('usage', `--${ofS3[0]} is for S3, but "${url}" is a folder.`, {
      hint: 'Write s3://bucket/prefix, or leave the option out.',
    });
  }
}

function refuseTaken({ config }: Project, { name, force }: RemoteAddRequest, target: SettingsTarget): void {
  const taken = Object.hasOwn(config.remotes, name) ? config.remotes[name] : undefined;
  const isHere = target === 'project' || config.origins[`remotes.${name}`] === target;
  if (taken === undefined || !isHere || force === true) return;
  throw new MlopsError('refused', `There is a remote "${name}" already: ${taken.url}.`, {
    hint: `Choose another name, or replace it: mlops remote add --force ${name} <url>`,
  });
}

/** A folder typed in one place is meant from there, but read from the project's root, and by every clone. */
function writtenUrl({ cwd, root }: Project, url: string, target: SettingsTarget): string {
  if (schemeOf(url) !== 'file:' || url.toLowerCase().startsWith('file:') || isAbsolute(url)) return url;
  const absolute = resolve(cwd, url);
  if (target === 'user') return absolute;
  return relative(root, absolute).split(sep).join('/') || '.';
}

function shown({ root }: Project, file: string): string {
  const inside = relative(root, file);
  return inside.startsWith('..') || isAbsolute(inside) ? file : inside;
}
