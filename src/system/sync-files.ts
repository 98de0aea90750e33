import { spawnSync } from 'node:child_process';
import { closeSync, fsync, fsyncSync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { isUnsyncable, syncFolder } from './write-file.ts';

// From this many files on, telling the file system once is faster than telling it of each.
const MANY = 16;

const syncLater = promisify(fsync);

/** Makes the bytes of new files last through a power cut, before they get their names. All are on the file system of `folder`. */
export function syncFiles(paths: readonly string[], folder: string): void {
  if (paths.length >= MANY && syncFileSystem(folder)) return;
  for (const path of paths) {
    const fd = openSync(path, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
}

/** Makes new names in folders last through a power cut. All are on one file system. */
export function syncFolders(paths: readonly string[]): void {
  const [first] = paths;
  if (first === undefined || (paths.length >= MANY && syncFileSystem(first))) return;
  for (const path of paths) syncFolder(path);
}

/** The same while other work goes on: the bytes of new files. */
export async function syncFilesMeanwhile(paths: readonly string[], folder: string): Promise<void> {
  if (paths.length >= MANY) return syncFiles(paths, folder);
  await Promise.all(paths.map((path) => syncMeanwhile(path)));
}

/** The same while other work goes on: the names in folders. */
export async function syncFoldersMeanwhile(paths: readonly string[]): Promise<void> {
  if (paths.length >= MANY) return syncFolders(paths);
  await Promise.all(
    paths.map(async (path) => {
      try {
        await syncMeanwhile(path);
      } catch (error) {
        if (!isUnsyncable(error)) throw error;
      }
    }),
  );
}

/** Only the sync itself is worth a turn in another thread. */
async function syncMeanwhile(path: string): Promise<void> {
  const fd = openSync(path, 'r');
  try {
    await syncLater(fd);
  } finally {
    closeSync(fd);
  }
}

/** `sync -f` returns when all of one file system is on the disk. Where there is none, the caller does it file by file. */
function syncFileSystem(folder: string): boolean {
  if (process.platform !== 'linux') return false;
  return spawnSync('sync', ['-f', folder], { stdio: 'ignore' }).status === 0;
}
