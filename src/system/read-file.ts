import { readFileSync } from 'node:fs';
import { systemCode } from '../core/errors.ts';
import { fileError, isMissing } from './file-error.ts';

/** The bytes of a file, or undefined when there is no file at the path. */
export function readFileIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isMissing(error) || systemCode(error) === 'EISDIR') return undefined;
    throw fileError(error, `read ${path}`);
  }
}
