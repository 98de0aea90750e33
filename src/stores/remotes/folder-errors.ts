import { MlopsError, systemCode } from '../../core/errors.ts';
import { TransientError } from './retry.ts';

/** What is known of the folder in which something failed. */
interface FolderTrouble {
  readonly url: string;
  readonly folder: string;
  readonly there: boolean;
  /** What was tried: `write into`. */
  readonly what: string | undefined;
  readonly reason: string | undefined;
}

/** A failed system call in a remote's folder as a sentence with a way out. */
export function explainFolderError(error: unknown, trouble: FolderTrouble): MlopsError {
  const { folder, what = 'use' } = trouble;
  const code = systemCode(error);
  if (error !== undefined && code === undefined) throw error;

  if (!trouble.there) {
    const reason = trouble.reason === undefined ? '' : ` ${trouble.reason}`;
    return new MlopsError('remote-unavailable', `The remote's folder ${folder} is not there.${reason}`, {
      hint: 'If it is on a disk or share, mount that; else correct its url in .mlops.yaml.',
      cause: error,
    });
  }
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return new MlopsError('remote-unavailable', `Not allowed to ${what} the remote's folder ${folder} (${code}).`, {
        hint: `Ask its owner for the right, or see who may: ls -ld ${folder}`,
        cause: error,
      });
    case 'EROFS':
      return new MlopsError('remote-unavailable', `The remote's folder ${folder} is on a read-only file system.`, {
        hint: 'Mount it writable, or push to another remote: mlops push -r <name>',
        cause: error,
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return new MlopsError('remote-unavailable', `There is no space left in the remote's folder ${folder}.`, {
        hint: `Make room there, then push again: what already arrived is not sent twice.`,
        cause: error,
      });
    case undefined:
      return new MlopsError('remote-unavailable', trouble.reason ?? `The remote's folder ${folder} cannot be used.`);
    default:
      return new TransientError(`The remote's folder ${folder} failed to answer (${code}).`, {
        hint: 'If it is on a share, see whether that is still mounted.',
        cause: error,
      });
  }
}
