import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { CompletedPart } from '@aws-sdk/client-s3';
import type { S3Bucket } from './s3-bucket.ts';

/** An upload in parts that has begun. */
export interface Upload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string | undefined;
}

/** A part as the server lists it. */
export interface ListedPart {
  readonly size: number;
  readonly etag: string;
  /** As S3 writes it; null when the server keeps none. */
  readonly checksum: string | null;
}

// Whoever may not list, or a server that cannot, begins anew.
const UNLISTED = ['AccessDenied', '403', 'NotImplemented', '501', 'MethodNotAllowed', '405', 'NoSuchUpload', '404'];

/** The upload of a key that went furthest before it was interrupted, by whomever, with its parts; undefined when there is none. */
export async function findUpload(
  bucket: S3Bucket,
  key: string,
): Promise<{ readonly upload: Upload; readonly parts: ReadonlyMap<number, ListedPart> } | undefined> {
  const { ListMultipartUploadsCommand } = bucket.sdk;
  const { Bucket, Key } = bucket.place(key);
  const listed = await bucket.ask(
    'ListMultipartUploads',
    key,
    (client) => client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: Key })),
    UNLISTED,
  );
  if (typeof listed === 'string') return undefined;
  let furthest: { upload: Upload; parts: ReadonlyMap<number, ListedPart> } | undefined;
  for (const { Key: found, UploadId } of listed.Uploads ?? []) {
    if (found !== Key || UploadId === undefined) continue;
    const upload = { Bucket, Key, UploadId };
    const parts = await partsOf(bucket, key, upload);
    if (parts.size > (furthest?.parts.size ?? 0)) furthest = { upload, parts };
  }
  return furthest;
}

/** What to name a part when the upload is completed, if what the server has is what lies here; undefined to send it again. */
export function completedPart(
  number: number,
  listed: ListedPart | undefined,
  body: Uint8Array,
): CompletedPart | undefined {
  if (listed === undefined || listed.size !== body.byteLength) return undefined;
  const { etag, checksum } = listed;
  const isSame =
    checksum === null ? etag === createHash('md5').update(body).digest('hex') : checksum === checksumOfBytes(body);
  if (!isSame) return undefined;
  return { PartNumber: number, ETag: `"${etag}"`, ...(checksum === null ? {} : { ChecksumCRC32: checksum }) };
}

async function partsOf(bucket: S3Bucket, key: string, upload: Upload): Promise<ReadonlyMap<number, ListedPart>> {
  const { ListPartsCommand } = bucket.sdk;
  const parts = new Map<number, ListedPart>();
  let marker: string | undefined;
  do {
    const input = { ...upload, ...(marker === undefined ? {} : { PartNumberMarker: marker }) };
    const page = await bucket.ask('ListParts', key, (client) => client.send(new ListPartsCommand(input)), UNLISTED);
    if (typeof page === 'string') break;
    for (const { PartNumber, Size, ETag, ChecksumCRC32 } of page.Parts ?? []) {
      if (PartNumber === undefined) continue;
      const etag = (ETag ?? '').replaceAll('"', '');
      parts.set(PartNumber, { size: Size ?? 0, etag, checksum: ChecksumCRC32 ?? null });
    }
    marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
  } while (marker !== undefined);
  return parts;
}

/** As S3 writes it: four bytes in base64. */
function checksumOfBytes(body: Uint8Array): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString('base64');
}
