import type { MlopsError } from '../../core/errors.ts';
import { createPace } from './limit.ts';
import type { RemoteOptions } from './remote.ts';
import { type Connection, connect, type Sdk } from './s3-client.ts';
import { codeOf, explainS3Error, isTooMuch } from './s3-errors.ts';
import { type Knowledge, learn } from './s3-knowledge.ts';

/** A bucket and the prefix in it, to which keys are relative. */
export interface S3Address {
  readonly bucket: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
}

/** Takes `s3://bucket/some/prefix` apart; undefined when it is not that. */
export function parseS3Url(url: string): S3Address | undefined {
  const [, bucket, path = ''] = /^s3:\/\/([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])(?:\/([^?#]*))?$/i.exec(url) ?? [];
  if (bucket === undefined) return undefined;
  const prefix = path.split('/').filter(Boolean).join('/');
  return { bucket, prefix: prefix === '' ? '' : `${prefix}/` };
}

/** What is wrong with an URL that `parseS3Url` does not take, as a sentence. */
export function s3UrlProblem(url: string): string {
  const bucket = /^s3:\/\/([^/?#]+)/i.exec(url)?.[1];
  if (bucket === undefined) return `"${url}" names no bucket.`;
  if (/[?#]/.test(url)) return `"${url}" has a "?" or "#", and such keys are not supported.`;
  const rule = 'it has 3 to 63 lower-case letters, digits, dots and dashes, with a letter or digit at both ends';
  return `"${bucket}" is no name of a bucket: ${rule}.`;
}

/** What every request to an object says: where it is. */
export interface S3Place {
  readonly Bucket: string;
  readonly Key: string;
}

/** One prefix on one server: sends requests, counts them, and turns refusals into sentences. */
export interface S3Bucket {
  readonly sdk: Sdk;
  readonly bucket: string;
  readonly prefix: string;
  readonly options: RemoteOptions;
  requests: number;
  place(key: string): S3Place;
  /** Runs a request; a refusal with one of the codes given is the answer instead of an error. */
  ask<T, Code extends string = never>(
    operation: string,
    key: string,
    send: (client: Connection['client']) => Promise<T>,
    codes?: readonly Code[],
  ): Promise<T | Code>;
  /**
   * Runs a request in words that the server understands: what it turns out not to know is left out the next time. Says `there`
   * where a condition was not met, and `unknown-condition` where the server knows none.
   */
  adapt<T, Conditional extends boolean>(
    operation: string,
    key: string,
    conditional: Conditional,
    send: (client: Connection['client'], sent: Knowledge) => Promise<T>,
  ): Promise<T | (Conditional extends true ? 'there' | 'unknown-condition' : never)>;
  readonly knows: Readonly<Knowledge>;
  /** In words, and never the secrets. */
  credentials(): Promise<string>;
  explain(error: unknown, operation: string, key: string): Promise<MlopsError>;
  close(): void;
}

/** Opens the bucket. Sends nothing yet. */
export async function openBucket(sdk: Sdk, address: S3Address, options: RemoteOptions): Promise<S3Bucket> {
  const { client, credentials, network, knows } = await connect(sdk, options, () => (bucket.requests += 1));
  const paced = createPace(isTooMuch);
  const bucket: S3Bucket = {
    ...address,
    sdk,
    options,
    requests: 0,
    knows,
    credentials,
    place: (key) => ({ Bucket: address.bucket, Key: address.prefix + key }),

    async ask(operation, key, send, codes = []) {
      try {
        return await paced(() => send(client));
      } catch (error) {
        const code = codes.find((expected) => expected === codeOf(error));
        if (code !== undefined) return code;
        throw await bucket.explain(error, operation, key);
      }
    },

    async adapt<T, Conditional extends boolean>(
      operation: string,
      key: string,
      conditional: Conditional,
      send: (client: Connection['client'], sent: Knowledge) => Promise<T>,
    ) {
      type Unmet = Conditional extends true ? 'there' | 'unknown-condition' : never;
      for (;;) {
        const sent = { checksums: knows.checksums, conditions: conditional };
        try {
          return await paced(() => send(client, sent));
        } catch (error) {
          if (conditional && ['PreconditionFailed', '412'].includes(codeOf(error))) return 'there' as Unmet;
          if (!learn(knows, sent, error)) throw await bucket.explain(error, operation, key);
          if (conditional && !knows.conditions) return 'unknown-condition' as Unmet;
        }
      }
    },

    async explain(error, operation, key) {
      const { hostname, protocol, port } = (await client.config.endpoint?.()) ?? {};
      return explainS3Error(error, {
        operation,
        target: `s3://${address.bucket}/${address.prefix}${key}`,
        bucket: address.bucket,
        remote: options.name,
        endpoint: hostname === undefined ? null : `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`,
        region: await regionOf(client),
        proxy: network.proxy,
        profile: options.profile ?? options.env['AWS_PROFILE'] ?? null,
        credentials: await credentials(),
      });
    },

    close: () => client.destroy(),
  };
  return bucket;
}

async function regionOf(client: Connection['client']): Promise<string> {
  try {
    return await client.config.region();
  } catch {
    return 'unknown';
  }
}
