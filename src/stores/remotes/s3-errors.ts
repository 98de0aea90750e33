import { MlopsError, systemCode } from '../../core/errors.ts';
import { TransientError } from './retry.ts';
import type { S3Attempt } from './s3-failure.ts';
import { tell } from './s3-tellings.ts';

/** The server's code for a failure (`NoSuchBucket`), or the network's (`ECONNREFUSED`), or the HTTP status as a text. */
export function codeOf(error: unknown): string {
  const { name, status } = factsOf(error);
  const network = systemCode(error);
  if (network !== undefined) return network;
  return status !== undefined && VAGUE.has(name) ? String(status) : name;
}

/** Whether a server wants fewer requests at once. */
export function isTooMuch(error: unknown): boolean {
  const { name, status } = factsOf(error);
  return status === 503 || status === 429 || /^(SlowDown|Throttling|TooManyRequests|RequestLimitExceeded)/.test(name);
}

/** A failure of the SDK as a sentence that names the cause, with the next step. */
export function explainS3Error(error: unknown, attempt: S3Attempt): MlopsError {
  if (error instanceof MlopsError) return error;
  const code = codeOf(error);
  const { status } = factsOf(error);
  const telling = tell({ ...attempt, code, status, text: firstLine(error), rightRegion: rightRegion(error) });
  const details = { hint: telling.hint, cause: error };
  if (telling.transient) return new TransientError(telling.message, details);
  return new MlopsError('remote-unavailable', telling.message, details);
}

// Answers to HEAD carry no body, so the SDK knows the status and makes up a name.
const VAGUE = new Set([
  'UnknownError',
  'Unknown',
  'Error',
  'S3ServiceException',
  'NotFound',
  'Forbidden',
  'BadRequest',
]);

/** The error for an answer that was taken for success and yet is not S3's: a web page of a proxy with status 200. */
export function notS3(): Error {
  return Object.assign(new Error('XML parse error'), { name: 'NotS3', $metadata: { httpStatusCode: 200 } });
}

/** The region in which the bucket is, when the server says so. */
function rightRegion(error: unknown): string | null {
  const region = field(error, 'Region') ?? field(field(field(error, '$response'), 'headers'), 'x-amz-bucket-region');
  return typeof region === 'string' && region !== '' ? region : null;
}

function factsOf(error: unknown): { readonly name: string; readonly status: number | undefined } {
  const status = field(field(error, '$metadata'), 'httpStatusCode');
  const name = field(error, 'Code') ?? field(error, 'name');
  return { name: typeof name === 'string' ? name : 'Unknown', status: typeof status === 'number' ? status : undefined };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
