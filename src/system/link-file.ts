import { constants, copyFileSync, linkSync, rmSync, symlinkSync } from 'node:fs';
import { systemCode } from '../core/errors.ts';

/** How a file in the workspace may share its bytes with the cache. */
export type LinkType = 'reflink' | 'copy' | 'hardlink' | 'symlink';

const UNSUPPORTED = ['ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'EINVAL', 'ENOSYS', 'ENOTTY', 'EPERM', 'EMLINK', 'EACCES'];

/** Makes `target`, which must not be there, share the bytes of `source`; false where the file systems cannot do that. */
export function linkFile(type: Exclude<LinkType, 'copy'>, source: string, target: string): boolean {
  try {
    if (type === 'hardlink') linkSync(source, target);
    else if (type === 'symlink') symlinkSync(source, target);
    else copyFileSync(source, target, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (!UNSUPPORTED.includes(systemCode(error) ?? '')) throw error;
    // A clone that fails may leave an empty file behind.
    if (type === 'reflink') rmSync(target, { force: true });
    return false;
  }
}
