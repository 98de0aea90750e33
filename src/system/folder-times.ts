import { statfsSync } from 'node:fs';

// ext2–4, xfs, btrfs, f2fs, tmpfs, ramfs, overlay, zfs, bcachefs: here a folder's times change with its names, always.
const LOCAL = new Set([
  0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x01021994, 0x858458f6, 0x794c7630, 0x2fc12fc1, 0xca451a4e,
]);

/** Whether the file system of a folder is known to change the folder's times whenever a name comes or goes. */
export function keepsFolderTimes(folder: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return LOCAL.has(statfsSync(folder).type >>> 0);
  } catch {
    return false;
  }
}
