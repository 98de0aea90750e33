import { isAbsolute, relative, resolve, sep } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import type { Project } from '../../project/project.ts';
import type { SettingsTarget } from '../../project/settings.ts';
import { schemeOf } from '../../stores/remotes/index.ts';

/** What is said of S3 alone, and a URL that it is said of. */
export interface RemoteWords {
  readonly url: string;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly profile?: string | undefined;
  readonly anonymous?: boolean | undefined;
}

/** What is committed is read by everybody, so a key or password must never get into it. */
export function refuseSecrets({
  url,
  endpoint,
}: Pick<RemoteWords, 'endpoint'> & { readonly url?: string | undefined }): void {
  if (![url, endpoint].some((text) => text !== undefined && /^[a-z0-9+.-]+:\/\/[^/?#]*@/i.test(text))) return;
  throw new MlopsError(
    'usage',
    'The URL holds a user or a secret in front of the "@"; it would be committed with it.',
    {
      hint: 'Leave it out: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with --profile.',
    },
  );
}

/** Fails with `usage` for an endpoint that is no URL, and for what is said of S3 when the remote is something else. */
export function checkEndpoint({ url, endpoint, region, profile, anonymous }: RemoteWords): void {
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

/** A folder typed in one place is meant from there, but read from the project's root, and by every clone. */
export function writtenUrl({ cwd, root }: Project, url: string, target: SettingsTarget): string {
  if (schemeOf(url) !== 'file:' || url.toLowerCase().startsWith('file:') || isAbsolute(url)) return url;
  const absolute = resolve(cwd, url);
  if (target === 'user') return absolute;
  return relative(root, absolute).split(sep).join('/') || '.';
}
