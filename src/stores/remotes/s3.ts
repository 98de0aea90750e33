import { Readable } from 'node:stream';
import { MlopsError } from '../../core/errors.ts';
import { explained, sourceGone } from './body.ts';
import type { ByteRange, Content, Remote, RemoteEntry, RemoteOptions, RemoteType } from './remote.ts';
import { TransientError } from './retry.ts';
import { openBucket, parseS3Url, s3UrlProblem, type S3Bucket } from './s3-bucket.ts';
import { notS3 } from './s3-errors.ts';
import { md5Of } from './s3-knowledge.ts';
import { abortUploads } from './s3-abort.ts';
import { bodyOf, MULTIPART_FROM, putInParts } from './s3-upload.ts';
import { checkEncryption, customerKeyOf, encryptionOf } from './s3-encryption.ts';

/** A bucket of Amazon S3, or of any server that speaks its protocol. */
export const s3Remote: RemoteType = {
  schemes: ['s3:'],
  example: 's3://bucket/prefix',
  problemOf: (url) => (parseS3Url(url) === undefined ? s3UrlProblem(url) : null),
  async open(url, options) {
    const address = parseS3Url(url);
    if (address === undefined) throw new MlopsError('usage', s3UrlProblem(url), { hint: 'Write s3://bucket/prefix.' });
    checkEncryption(options);
    const sdk = await import('@aws-sdk/client-s3');
    return new S3Remote(url, await openBucket(sdk, address, options), options);
  },
};

class S3Remote implements Remote {
  readonly url: string;
  readonly readOnly = false;
  readonly defaultJobs: number;
  readonly #bucket: S3Bucket;
  /** Whether an answer has shown that the bucket is there: a 404 to HEAD does not say what is missing. */
  #seen = false;

  constructor(url: string, bucket: S3Bucket, options: RemoteOptions) {
    this.url = url;
    this.#bucket = bucket;
    this.defaultJobs = options.jobs ?? 16;
  }

  get requests(): number {
    return this.#bucket.requests;
  }

  async prepare(): Promise<boolean> {
    return true;
  }

  async *list(prefix: string): AsyncGenerator<RemoteEntry> {
    const { ListObjectsV2Command } = this.#bucket.sdk;
    const { Bucket, Key: Prefix } = this.#bucket.place(prefix);
    let token: string | undefined;
    do {
      const input = { Bucket, Prefix, ...(token === undefined ? {} : { ContinuationToken: token }) };
      const page = await this.#bucket.ask('ListObjectsV2', prefix, (client) =>
        client.send(new ListObjectsV2Command(input)),
      );
      if (page.Name === undefined) throw await this.#bucket.explain(notS3(), 'ListObjectsV2', prefix);
      this.#seen = true;
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        if (Key !== undefined) yield entryOf(Key.slice(this.#bucket.prefix.length), Size, LastModified);
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  async head(key: string): Promise<RemoteEntry | undefined> {
    const { HeadObjectCommand } = this.#bucket.sdk;
    const found = await this.#bucket.ask(
      'HeadObject',
      key,
      (client) =>
        client.send(new HeadObjectCommand({ ...this.#bucket.place(key), ...customerKeyOf(this.#bucket.options) })),
      ['NoSuchKey', '404', '400', '401', '403', '301'],
    );
    if (typeof found !== 'string') {
      if (found.ETag === undefined) throw await this.#bucket.explain(notS3(), 'HeadObject', key);
      return entryOf(key, found.ContentLength, found.LastModified);
    }
    const isAbsent = found === 'NoSuchKey' || found === '404';
    if (!isAbsent || !this.#seen) await this.#probe(key, isAbsent ? null : found);
    return undefined;
  }

  async get(key: string, range?: ByteRange): Promise<Readable> {
    if (range !== undefined && range.length <= 0) return Readable.from([]);
    const { GetObjectCommand } = this.#bucket.sdk;
    const input = {
      ...this.#bucket.place(key),
      ...customerKeyOf(this.#bucket.options),
      ...(range === undefined ? {} : { Range: rangeHeader(range) }),
    };
    const found = await this.#bucket.ask('GetObject', key, (client) => client.send(new GetObjectCommand(input)), [
      'NoSuchKey',
      '404',
      'InvalidRange',
      '416',
    ]);
    if (found === 'InvalidRange' || found === '416') return Readable.from([]);
    if (typeof found === 'string') throw new MlopsError('data-missing', `${this.url} does not hold ${key}.`);
    this.#seen = true;
    if (!(found.Body instanceof Readable)) return Readable.from([]);
    return explained(found.Body, (error) => this.#cutOff(key, error));
  }

  async put(key: string, content: Content, mode: 'if-absent' | 'always'): Promise<boolean> {
    const conditional = mode === 'if-absent' && this.#bucket.knows.conditions;
    const isLarge = content.type === 'file' && content.size >= MULTIPART_FROM;
    if (mode === 'if-absent' && (isLarge || !conditional) && (await this.head(key)) !== undefined) return false;

    const answer = isLarge
      ? await putInParts(this.#bucket, key, content.path, conditional)
      : await this.#putWhole(key, content, conditional);
    if (answer === 'unknown-condition') return this.put(key, content, mode);
    this.#seen = true;
    return answer === 'put';
  }

  async delete(keys: readonly string[]): Promise<void> {
    const { DeleteObjectsCommand } = this.#bucket.sdk;
    for (let at = 0; at < keys.length; at += 1000) {
      const Objects = keys.slice(at, at + 1000).map((key) => ({ Key: this.#bucket.place(key).Key }));
      const input = { Bucket: this.#bucket.bucket, Delete: { Objects, Quiet: true } };
      const answer = await this.#bucket.ask('DeleteObjects', keys[at] ?? '', (client) =>
        client.send(new DeleteObjectsCommand(input)),
      );
      const refused = answer.Errors?.find(({ Code }) => Code !== 'NoSuchKey');
      if (refused === undefined) continue;
      const error = Object.assign(new Error(refused.Message ?? ''), { name: refused.Code ?? 'Unknown' });
      throw await this.#bucket.explain(error, 'DeleteObjects', refused.Key?.slice(this.#bucket.prefix.length) ?? '');
    }
  }

  endUnfinished(before: number, { dryRun }: { readonly dryRun: boolean }): Promise<number> {
    return abortUploads(this.#bucket, before, dryRun);
  }

  credentials(): Promise<string> {
    return this.#bucket.credentials();
  }

  close(): void {
    this.#bucket.close();
  }

  async #putWhole(key: string, content: Content, conditional: boolean): Promise<PutAnswer> {
    const { PutObjectCommand } = this.#bucket.sdk;
    const { options, knows } = this.#bucket;
    try {
      const answer = await this.#bucket.adapt('PutObject', key, conditional, async (client, { conditions }) => {
        const input = {
          ...this.#bucket.place(key),
          ...encryptionOf(options),
          ...customerKeyOf(options),
          ...(await bodyOf(content)),
          ...(knows.checksums ? {} : await md5Of(content)),
          ...(conditions ? { IfNoneMatch: '*' } : {}),
        };
        return client.send(new PutObjectCommand(input));
      });
      if (typeof answer === 'string') return answer;
      if (answer.ETag === undefined) throw await this.#bucket.explain(notS3(), 'PutObject', key);
      return 'put';
    } catch (error) {
      throw sourceGone(content, error instanceof MlopsError ? error.cause : error) ?? error;
    }
  }

  /** Asks what HEAD cannot say, since its answer has no body: throws the reason, or finds that only the key is missing. */
  async #probe(key: string, refusal: string | null): Promise<void> {
    const { ListObjectsV2Command } = this.#bucket.sdk;
    const { Bucket, Key: Prefix } = this.#bucket.place(key);
    await this.#bucket.ask('ListObjectsV2', key, (client) =>
      client.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 })),
    );
    this.#seen = true;
    if (refusal === null) return;
    const error = Object.assign(new Error(`status ${refusal}`), { name: refusal });
    throw await this.#bucket.explain(error, 'HeadObject', key);
  }

  #cutOff(key: string, cause: unknown): Error {
    const target = `s3://${this.#bucket.bucket}/${this.#bucket.prefix}${key}`;
    return new TransientError(`The download of ${target} broke off.`, { cause });
  }
}

type PutAnswer = 'put' | 'there' | 'unknown-condition';

function rangeHeader({ offset, length }: ByteRange): string {
  const end = offset + length - 1;
  return Number.isSafeInteger(end) ? `bytes=${offset}-${end}` : `bytes=${offset}-`;
}

function entryOf(key: string, size: number | undefined, modified: Date | undefined): RemoteEntry {
  return { key, size: size ?? 0, modified: modified?.getTime() ?? 0 };
}
