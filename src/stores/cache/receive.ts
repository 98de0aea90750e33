import { closeSync } from 'node:fs';
import type { Digest } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import { digestOf, DigestStream } from '../../system/hash.ts';
import { writeAll } from '../../system/write-file.ts';
import type { Unfinished } from './unfinished.ts';

/** What came, and its digest: small enough for memory, or in a file without a name. */
export type Received =
  | { readonly digest: Digest; readonly size: number; readonly bytes: Uint8Array }
  | { readonly digest: Digest; readonly size: number; readonly temporary: string };

/** Gathers a stream in memory while it is small, then in a file. */
export async function receive(
  source: AsyncIterable<Uint8Array>,
  isSmall: (size: number) => boolean,
  unfinished: Unfinished,
): Promise<Received> {
  const chunks: Uint8Array[] = [];
  const stream = new DigestStream();
  let file: { readonly path: string; readonly fd: number } | null = null;
  let size = 0;
  let isWhole = false;
  try {
    for await (const chunk of source) {
      size += chunk.length;
      chunks.push(chunk);
      if (file === null && isSmall(size)) continue;
      file ??= unfinished.open();
      for (const part of chunks.splice(0)) {
        unfinished.guard(() => writeAll(file?.fd ?? -1, part));
        stream.update(part);
      }
    }
    isWhole = true;
    if (file !== null) return { digest: stream.digest(), size, temporary: file.path };
    const bytes = Buffer.concat(chunks);
    return { digest: digestOf(bytes), size, bytes };
  } finally {
    if (file !== null) closeSync(file.fd);
    if (file !== null && !isWhole) unfinished.drop(file.path);
  }
}

/** The error for a stream that was something else. */
export function otherBytes(wanted: Digest, found: Digest): MlopsError {
  return new MlopsError('damaged', `What came for ${wanted} has the digest ${found}.`, {
    hint: 'The copy it came from is damaged. Push it again from where the data is whole: mlops push --force',
  });
}
