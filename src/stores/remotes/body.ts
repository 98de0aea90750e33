import { existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { MlopsError, systemCode } from '../../core/errors.ts';
import type { Content } from './remote.ts';

/** The same bytes, with what goes wrong on the way in the remote's own words. Closing it closes the source. */
export function explained(source: Readable, explain: (error: unknown) => Error): Readable {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield* source as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw explain(error);
    }
  }
  return Readable.from(chunks(), { objectMode: false });
}

/** The error for a file that was to be uploaded and is gone; undefined when the failure is another one. */
export function sourceGone(content: Content, error: unknown): MlopsError | undefined {
  if (content.type !== 'file' || systemCode(error) !== 'ENOENT' || existsSync(content.path)) return undefined;
  return new MlopsError('data-missing', `${content.path} is gone; it was there when the upload began.`, {
    cause: error,
  });
}
