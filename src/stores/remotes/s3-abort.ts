import type { S3Bucket } from './s3-bucket.ts';

/** Aborts uploads in parts that began before a moment; the server keeps their parts, and counts them, until then. */
export async function abortUploads(bucket: S3Bucket, before: number, dryRun: boolean): Promise<number> {
  const { AbortMultipartUploadCommand, ListMultipartUploadsCommand } = bucket.sdk;
  const { Bucket, Key: Prefix } = bucket.place('');
  let aborted = 0;
  let marker: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
  while (marker !== undefined) {
    const input: { Bucket: string; Prefix: string } = { Bucket, Prefix, ...marker };
    const page = await bucket.ask('ListMultipartUploads', '', (client) =>
      client.send(new ListMultipartUploadsCommand(input)),
    );
    for (const { Key = '', UploadId, Initiated } of page.Uploads ?? []) {
      if (UploadId === undefined || Initiated === undefined || Initiated.getTime() >= before) continue;
      aborted += 1;
      if (dryRun) continue;
      const upload = { Bucket, Key, UploadId };
      const key = Key.slice(Prefix.length);
      await bucket.ask('AbortMultipartUpload', key, (client) => client.send(new AbortMultipartUploadCommand(upload)), [
        'NoSuchUpload',
        '404',
      ]);
    }
    const { IsTruncated, NextKeyMarker, NextUploadIdMarker } = page;
    marker =
      IsTruncated === true && NextKeyMarker !== undefined
        ? {
            KeyMarker: NextKeyMarker,
            ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }),
          }
        : undefined;
  }
  return aborted;
}
