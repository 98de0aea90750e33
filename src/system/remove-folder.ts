import { rmdirSync } from 'node:fs';
import { systemCode } from '../core/errors.ts';

/** Removes a folder if nothing is left in it, and says whether it did. */
export function removeFolder(absolute: string): boolean {
  try {
    rmdirSync(absolute);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) return false;
    throw error;
  }
}
