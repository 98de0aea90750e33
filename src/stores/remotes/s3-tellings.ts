/** What was tried when an S3 server refused, in the words of its own protocol. */
export interface S3Attempt {
  /** `PutObject`. */
  readonly operation: string;
  /** `s3://bucket/prefix/key`. */
  readonly target: string;
  readonly bucket: string;
  readonly remote: string;
  readonly endpoint: string | null;
  readonly region: string;
  /** Whose credentials: `access key AKIA… of profile "team"`. */
  readonly credentials: string;
}

/** A refusal with all that is known of it. `text` is the first line of the SDK's message. */
export interface S3Failure extends S3Attempt {
  readonly code: string;
  readonly status: number | undefined;
  readonly text: string;
  readonly rightRegion: string | null;
}

/** What a person reads, and whether it may pass by itself. */
export interface Telling {
  readonly transient?: true;
  readonly message: string;
  readonly hint: string;
}

/** The sentence and the next step for a refusal. */
export function tell(failure: S3Failure): Telling {
  return tellRefusal(failure) ?? tellOther(failure);
}

function tellRefusal(failure: S3Failure): Telling | undefined {
  const { code, text, operation, target, bucket, credentials, remote, region } = failure;
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
        message: `No credentials were found for s3://${bucket} (remote "${remote}"): ${text}.`,
        hint: 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or `anonymous: true` for a public bucket.',
      };
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
    case '301':
      return {
        message: `Bucket "${bucket}" is not in region ${region} (${code}${failure.rightRegion === null ? '' : `; it is in ${failure.rightRegion}`}).`,
        hint: `Set the region of "${remote}" in .mlops.yaml.`,
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
        message: `The host of ${where} has no address (${code}): ${text}`,
        hint: `Correct the endpoint or region of "${remote}" in .mlops.yaml, or see to the network's name server.`,
      };
    default:
      return undefined;
  }
}

function tellOther(failure: S3Failure): Telling {
  const { code, status, text, operation, target, remote } = failure;
  const where = placeOf(failure);
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) {
    return {
      message: `The certificate of ${where} cannot be trusted (${code}).`,
      hint: 'Name the certificate of your own authority: NODE_EXTRA_CA_CERTS=/path/ca.pem',
    };
  }
  if (code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EAI_AGAIN') {
    return {
      transient: true,
      message: `${where} cannot be reached (${code}).`,
      hint: `See whether the server runs and the network is up, or correct the endpoint of "${remote}" in .mlops.yaml.`,
    };
  }
  if (PASSING.has(code) || /^E[A-Z]{3,}/.test(code) || (status !== undefined && status >= 500)) {
    return {
      transient: true,
      message: `${operation} on ${target} was cut off (${code}).`,
      hint: 'Try again: what already arrived is not sent twice.',
    };
  }
  if (status !== undefined && /XML parse error|[Dd]eserialization|Unexpected token/.test(text)) {
    return {
      message: `${where} answered ${operation} with status ${status} and a text that is not S3's: a proxy or a web page?`,
      hint: `Correct the endpoint of "${remote}" in .mlops.yaml, or see to the proxy in between.`,
    };
  }
  return {
    message: `${operation} on ${target} was refused (${code}): ${text}`,
    hint: `See what the remote says of itself: mlops doctor`,
  };
}

const PASSING = new Set([
  'TimeoutError',
  'RequestTimeout',
  'RequestTimeoutException',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'InternalError',
  'ServiceUnavailable',
  'OperationAborted',
  'ConditionalRequestConflict',
  'BadDigest',
  'XAmzContentChecksumMismatch',
  'XAmzContentSHA256Mismatch',
  'IncompleteBody',
  '408',
  '429',
]);

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

function placeOf({ endpoint, region }: S3Attempt): string {
  return endpoint ?? `AWS (${region})`;
}
