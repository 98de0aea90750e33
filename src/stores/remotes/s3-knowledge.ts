import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Content } from './remote.ts';
import { codeOf } from './s3-errors.ts';

/** What a server understands, as far as was seen: all of it until it refuses. */
export interface Knowledge {
  /** CRC-32 of what is sent; else the MD5, which every server knows. */
  checksums: boolean;
  /** `If-None-Match: *`. */
  conditions: boolean;
}

const UNKNOWN = new Set(['NotImplemented', '501', 'InvalidArgument', 'InvalidRequest']);

/**
 * Whether a server refused a request because of something in it that it does not know, and that can be left out. What that is
 * is then known of the server.
 */
export function learn(knows: Knowledge, sent: Knowledge, error: unknown): boolean {
  if (!UNKNOWN.has(codeOf(error))) return false;
  const text = error instanceof Error ? error.message : '';
  const isOfChecksums = /checksum|crc32|x-amz-sdk|trailer/i.test(text);
  if (sent.conditions && !isOfChecksums) knows.conditions = false;
  else if (sent.checksums) knows.checksums = false;
  else return false;
  return true;
}

/** The MD5 of a file to be sent, as the SDK wants it. That of bytes goes along anyway. */
export async function md5Of(content: Content): Promise<{ ContentMD5?: string }> {
  if (content.type === 'bytes') return {};
  const sum = createHash('md5');
  for await (const chunk of createReadStream(content.path, { highWaterMark: 1 << 20 })) sum.update(chunk as Buffer);
  return { ContentMD5: sum.digest('base64') };
}

/** To a server that does not know CRC-32 the requests go with the MD5 of their bodies. */
export function withoutChecksums(client: S3Client, knows: Knowledge): void {
  client.middlewareStack.add(
    (next) => (args) => {
      if (!knows.checksums) replaceChecksums(args.request as { headers: Record<string, string>; body?: unknown });
      return next(args);
    },
    { step: 'build', priority: 'low', name: 'withoutChecksums' },
  );
}

function replaceChecksums({ headers, body }: { headers: Record<string, string>; body?: unknown }): void {
  for (const name of Object.keys(headers)) if (/^x-amz-(?:checksum-|sdk-checksum)/.test(name)) delete headers[name];
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return;
  headers['content-md5'] = createHash('md5').update(body).digest('base64');
}
