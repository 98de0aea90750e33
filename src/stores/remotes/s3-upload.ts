import { open, type FileHandle } from 'node:fs/promises';
import { createReadStream, readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { CompletedPart } from '@aws-sdk/client-s3';
import { createLimit } from './limit.ts';
import type { Content } from './remote.ts';
import { PATIENT, retry } from './retry.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { customerKeyOf, encryptionOf } from './s3-encryption.ts';
import { completedPart, findUpload, type ListedPart, type Upload } from './s3-resume.ts';

/** Files of this size and more are uploaded in parts. */
export const MULTIPART_FROM = 64 << 20;

// Smaller files are read into memory at once; larger ones are streamed.
const STREAMED_FROM = 8 << 20;
const PART = 16 << 20;
// S3 takes no more parts than this, so those of a huge file are larger.
const MOST_PARTS = 10_000;
// Each part in flight is held in memory.
const inFlight = createLimit(6);

/** The body of one whole upload, as the SDK wants it. */
export async function bodyOf(content: Content): Promise<object> {
  if (content.type === 'bytes') return { Body: content.bytes };
  if (content.size < STREAMED_FROM) return { Body: readFileSync(content.path) };
  // A checksum that is known beforehand goes into a header, which every server reads; one at the end of a stream would not.
  const ChecksumCRC32 = await checksumOf(content.path);
  return {
    Body: createReadStream(content.path, { highWaterMark: 1 << 20 }),
    ContentLength: content.size,
    ChecksumCRC32,
  };
}

/** Uploads a large file in parts, several in flight, each tried again by itself. An upload that was interrupted goes on. */
export async function putInParts(
  bucket: S3Bucket,
  key: string,
  path: string,
  conditional: boolean,
): Promise<'put' | 'there' | 'unknown-condition'> {
  const file = await open(path, 'r');
  try {
    const { upload, parts } = (await findUpload(bucket, key)) ?? { upload: await begin(bucket, key), parts: NONE };
    const Parts = await sendParts(bucket, key, file, upload, parts);
    const first = await complete(bucket, key, upload, Parts, conditional);
    // That nothing was there was seen before the first part.
    const answer = first === 'unknown-condition' ? await complete(bucket, key, upload, Parts, false) : first;
    if (typeof answer !== 'string') return 'put';
    await abort(bucket, key, upload);
    return answer;
  } finally {
    await file.close();
  }
}

const NONE: ReadonlyMap<number, ListedPart> = new Map();

async function begin(bucket: S3Bucket, key: string): Promise<Upload> {
  const place = bucket.place(key);
  const input = { ...place, ...encryptionOf(bucket.options), ...customerKeyOf(bucket.options) };
  const { UploadId } = await bucket.adapt('CreateMultipartUpload', key, false, (client, { checksums }) =>
    client.send(new bucket.sdk.CreateMultipartUploadCommand({ ...input, ...algorithmIf(checksums) })),
  );
  return { ...place, UploadId };
}

function complete(bucket: S3Bucket, key: string, upload: Upload, Parts: CompletedPart[], conditional: boolean) {
  const input = { ...upload, ...customerKeyOf(bucket.options), MultipartUpload: { Parts } };
  return bucket.adapt('CompleteMultipartUpload', key, conditional, (client, { conditions }) => {
    const condition = conditions ? { IfNoneMatch: '*' } : {};
    return client.send(new bucket.sdk.CompleteMultipartUploadCommand({ ...input, ...condition }));
  });
}

function algorithmIf(checksums: boolean): { ChecksumAlgorithm?: 'CRC32' } {
  return checksums ? { ChecksumAlgorithm: 'CRC32' } : {};
}

async function sendParts(
  bucket: S3Bucket,
  key: string,
  file: FileHandle,
  upload: Upload,
  there: ReadonlyMap<number, ListedPart>,
) {
  const { size } = await file.stat();
  const length = Math.max(PART, Math.ceil(size / MOST_PARTS));
  const failed = new AbortController();

  const parts = Array.from({ length: Math.ceil(size / length) }, (_, at) =>
    inFlight(async () => {
      failed.signal.throwIfAborted();
      const Body = await readPart(file, at * length, Math.min(length, size - at * length));
      const known = completedPart(at + 1, there.get(at + 1), Body);
      if (known !== undefined) return known;
      const input = { ...upload, ...customerKeyOf(bucket.options), PartNumber: at + 1, Body };
      const sent = await retry(
        () =>
          bucket.adapt('UploadPart', key, false, (client, { checksums }) =>
            client.send(new bucket.sdk.UploadPartCommand({ ...input, ...algorithmIf(checksums) }), {
              abortSignal: failed.signal,
            }),
          ),
        PATIENT,
        failed.signal,
      );
      const { ETag, ChecksumCRC32 } = sent;
      return { PartNumber: at + 1, ETag, ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }) };
    }).catch((error: unknown) => {
      if (!failed.signal.aborted) failed.abort(error);
      throw error;
    }),
  );
  // All have ended before anybody hears of a failure.
  const ended = await Promise.allSettled(parts);
  failed.signal.throwIfAborted();
  return ended.flatMap((part) => (part.status === 'fulfilled' ? [part.value] : []));
}

async function readPart(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const part = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(part, read, length - read, offset + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return part.subarray(0, read);
}

async function abort(bucket: S3Bucket, key: string, upload: Upload): Promise<void> {
  const { AbortMultipartUploadCommand } = bucket.sdk;
  await bucket.ask('AbortMultipartUpload', key, (client) => client.send(new AbortMultipartUploadCommand(upload)), [
    'NoSuchUpload',
    '404',
  ]);
}

/** As S3 writes it: four bytes in base64. */
async function checksumOf(path: string): Promise<string> {
  let sum = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) sum = crc32(chunk as Buffer, sum);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(sum);
  return bytes.toString('base64');
}
