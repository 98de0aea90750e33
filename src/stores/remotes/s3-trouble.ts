import { placeOf, type S3Failure, type Telling, throughProxy } from './s3-failure.ts';

/** The sentence and the next step for what went wrong on the way, and for codes of which nothing is known. */
export function tellTrouble(failure: S3Failure): Telling {
  const { code, status, text, operation, target, remote, proxy } = failure;
  const where = placeOf(failure);
  const refusedByProxy = /^Bad response: (\d+)$/.exec(text)?.[1];
  if (proxy !== null && refusedByProxy !== undefined) {
    return {
      message: `The proxy ${proxy} does not let through to ${where} (status ${refusedByProxy}).`,
      hint:
        refusedByProxy === '407'
          ? 'It wants to know who asks: HTTPS_PROXY=http://<user>:<password>@<host>:<port>'
          : 'Correct HTTPS_PROXY, or except this host from it: NO_PROXY=<host>',
    };
  }
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) {
    return {
      message: `The certificate of ${where} cannot be trusted (${code}).`,
      hint: `Name the certificate of its authority: AWS_CA_BUNDLE=/path/ca.pem, or mlops remote modify ${remote} caFile <file>`,
    };
  }
  if (code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EAI_AGAIN') {
    return {
      transient: true,
      message: `${where} cannot be reached${throughProxy(failure)} (${code}).`,
      hint:
        proxy !== null
          ? 'See whether the proxy runs, correct HTTPS_PROXY, or set NO_PROXY.'
          : `See whether the server runs and the network is up, or correct the endpoint of "${remote}" in .mlops.yaml.`,
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
