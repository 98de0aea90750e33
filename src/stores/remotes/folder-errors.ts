import { MlopsError, systemCode } from '../../core/errors.ts';
import { TransientError } from './retry.ts';

/** What is known of the folder in which something failed. */
interface FolderTrouble {
  /** The remote's. */
  readonly name: string;
  readonly folder: string;
  readonly there: boolean;
  /** What was tried: `write into`. */
  readonly what: string | undefined;
  readonly reason: string | undefined;
}

/** A failed system call in a remote's folder as a sentence with a way out. */
export function explainFolderError(error: unknown, trouble: FolderTrouble): MlopsError {
  const { name, folder, what = 'use' } = trouble;
  const theFolder = `the folder ${folder} of remote "${name}"`;
  const code = systemCode(error);
  if (error !== undefined && code === undefined) throw error;

  if (!trouble.there) {
    const reason = trouble.reason === undefined ? '' : ` ${trouble.reason}`;
    return new MlopsError('remote-unavailable', `The folder ${folder} of remote "${name}" is not there.${reason}`, {
      hint: 'If it is on a disk or share, mount that; else correct its url in .mlops.yaml.',
      cause: error,
    });
  }
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return new MlopsError('remote-unavailable', `Not allowed to ${what} ${theFolder} (${code}).`, {
        hint: `Ask its owner for the right, or see who may: ls -ld ${folder}`,
        cause: error,
      });
    case 'EROFS':
      return new MlopsError(
        'remote-unavailable',
        `The folder ${folder} of remote "${name}" is on a read-only file system.`,
        {
          hint: 'Mount it writable, or push to another remote: mlops push -r <name>',
          cause: error,
        },
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return new MlopsError('remote-unavailable', `There is no space left in ${theFolder}.`, {
        hint: `Make room there, then push again: what already arrived is not sent twice.`,
        cause: error,
      });
    case undefined:
      return new MlopsError('remote-unavailable', trouble.reason ?? `Cannot use ${theFolder}.`);
    default:
      return new TransientError(`Cannot ${what} ${theFolder} (${code}).`, {
        hint: 'If it is on a share, see whether that is still mounted.',
        cause: error,
      });
  }
}
