import { placeOf, type S3Failure, type Telling, throughProxy } from './s3-failure.ts';
import { tellTrouble } from './s3-trouble.ts';

/** The sentence and the next step for a refusal. */
export function tell(failure: S3Failure): Telling {
  return tellRefusal(failure) ?? tellTrouble(failure);
}

function tellRefusal(failure: S3Failure): Telling | undefined {
  const { code, text, operation, target, bucket, credentials, remote, region, profile } = failure;
  const where = placeOf(failure);
  switch (code) {
    case 'NoSuchBucket':
      return {
        message: `There is no bucket "${bucket}" at ${where}.`,
        hint: `Create it (aws s3 mb s3://${bucket}), or correct url, region and endpoint of "${remote}" in .mlops.yaml.`,
      };
    case 'AccessDenied':
    case 'AllAccessDisabled':
    case '401':
    case '403':
      return {
        message: `Access denied: ${operation} on ${target}, with ${credentials}.`,
        hint: `Have these credentials allowed to ${permissionFor(operation)}, or use others (AWS_PROFILE, or profile: in .mlops.local.yaml).`,
      };
    case 'InvalidAccessKeyId':
    case 'XAdminUserNotFound':
      return {
        message: `${where} does not know the ${credentials} (${code}).`,
        hint: 'Correct the access key, or use other credentials: AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
      };
    case 'SignatureDoesNotMatch':
      return {
        message: `The secret does not belong to the ${credentials} (SignatureDoesNotMatch).`,
        hint: 'Correct AWS_SECRET_ACCESS_KEY, or the secret in the profile.',
      };
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'InvalidToken':
    case 'TokenRefreshRequired':
      return {
        message: `The session of the ${credentials} has ended (${code}).`,
        hint: 'Sign in again, for example: aws sso login',
      };
    case 'CredentialsProviderError':
    case 'ProviderError':
    case 'TokenProviderError':
      return {
        message: `No credentials were found for s3://${bucket} (remote "${remote}"): ${text.replace(/\.+$/, '')}.`,
        hint: /\bSSO\b/.test(text)
          ? `Sign in: aws sso login${profile === null ? '' : ` --profile ${profile}`}`
          : 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or `anonymous: true` for a public bucket.',
      };
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
    case '301':
      return {
        message: `Bucket "${bucket}" is not in region ${region} (${code}${failure.rightRegion === null ? '' : `; it is in ${failure.rightRegion}`}).`,
        hint: `Set the region of "${remote}" in .mlops.yaml.`,
      };
    case 'InvalidRequest':
    case 'InvalidArgument':
      if (!/encrypt|customer|\bkey\b.*MD5/i.test(text)) return undefined;
      return {
        message: `${operation} on ${target} was refused (${code}): ${text}`,
        hint: `It was stored with another customer key, or without one: see to sseCustomerKey of "${remote}".`,
      };
    case 'RequestTimeTooSkewed':
      return {
        transient: true,
        message: `The clock of this machine and that of ${where} are too far apart (RequestTimeTooSkewed).`,
        hint: 'Set the clock of this machine: timedatectl set-ntp true',
      };
    case 'ENOTFOUND':
    case 'EAI_NONAME':
      return {
        message: `The host of ${where} has no address${throughProxy(failure)} (${code}): ${text}`,
        hint: `Correct the endpoint or region of "${remote}" in .mlops.yaml, or see to the network's name server.`,
      };
    default:
      return undefined;
  }
}

const PERMISSIONS: Readonly<Record<string, string>> = {
  PutObject: 's3:PutObject',
  GetObject: 's3:GetObject',
  HeadObject: 's3:GetObject and s3:ListBucket (without it, an object that is not there is refused, too)',
  ListObjectsV2: 's3:ListBucket',
  DeleteObjects: 's3:DeleteObject',
};

function permissionFor(operation: string): string {
  return PERMISSIONS[operation] ?? 's3:PutObject and s3:AbortMultipartUpload';
}
