import { MlopsError, systemCode } from '../core/errors.ts';
import { shellWord } from '../core/shell-word.ts';

/**
 * What a failed system call means to a person, when it can be foreseen: no space, no right, a device that fails. Anything
 * else comes back as it is. `doing` goes on from "Cannot": "write data/raw.csv".
 */
export function fileError(error: unknown, doing: string, details: { bytes?: number } = {}): unknown {
  if (error instanceof MlopsError) return error;
  const code = systemCode(error) ?? '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const needed = details.bytes === undefined ? '' : ` ${details.bytes} bytes are needed.`;
    const full = code === 'EDQUOT' ? 'your quota is used up' : 'the disk is full';
    return new MlopsError('no-space', `Cannot ${doing}: ${full}.${needed}`, {
      hint: 'Free some space and run the same command again; nothing that was there has changed.',
      cause: error,
    });
  }
  const reason = REASONS[code];
  if (reason === undefined) return error;
  const path = systemPath(error);
  const hint = code === 'EACCES' && path !== undefined ? { hint: `See who may: ls -ld ${shellWord(path)}` } : {};
  return new MlopsError('file-system', `Cannot ${doing}: ${reason}.`, { cause: error, ...hint });
}

function systemPath(error: unknown): string | undefined {
  return error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : undefined;
}

/** Whether a system call failed because there is nothing at the path. */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'the system does not allow it',
  EISDIR: 'it is a folder',
  EROFS: 'the file system is read-only',
  EIO: 'the device reports an error',
  EBUSY: 'another program is using it',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long for the file system',
  ELOOP: 'its symbolic links go round in a circle',
  ESTALE: 'the network file system lost it',
  ETXTBSY: 'it is a program that is running',
  EFBIG: 'the file system cannot hold a file of this size',
};
