import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileError } from '../../../system/file-error.ts';
import { lookAt } from '../../../system/list-files.ts';
import type { Measured } from '../scan/scan.ts';
import type { Steps, Workspace } from '../workspace.ts';

/** A single file, also inside a folder. */
export interface MeasuredFile {
  readonly path: string;
  readonly measured: Measured;
}

/** Every file that a path is or has in it. */
export function* filesIn(path: string, measured: Measured): Iterable<MeasuredFile> {
  if (measured.children === null) yield { path, measured };
  for (const child of measured.children ?? []) yield* filesIn(`${path}/${child.name}`, child);
}

/** A link that the user made has its reasons; one into the cache would change an object with the file. */
export function isLinkIntoCache({ root, cache }: Workspace, { path, measured }: MeasuredFile): boolean {
  const absolute = join(root, path);
  const stat = lookAt(absolute);
  if (stat === undefined || measured.kind === 'symlink') return false;
  if (stat.isSymbolicLink()) {
    return existsSync(cache.dir) && realpathSync(absolute).startsWith(realpathSync(cache.dir) + sep);
  }
  const object = stat.nlink > 1 ? cache.pathOf(measured.digest) : undefined;
  const other = object === undefined ? undefined : statSync(object, { throwIfNoEntry: false });
  return other?.ino === stat.ino && other.dev === stat.dev;
}

/** Gives files that are links bytes of their own. Whoever calls holds the lease on them. */
export function* copyEach(tmp: string, { root, index }: Workspace, files: readonly MeasuredFile[]): Steps<void> {
  for (const { path, measured } of files) {
    const absolute = join(root, path);
    try {
      makeOwn(absolute, tmp, measured.kind === 'executable');
    } catch (error) {
      throw fileError(error, `copy ${path}`, { bytes: measured.size });
    }
    const stat = lookAt(absolute);
    if (stat !== undefined) index.recordWritten(path, stat, measured.digest);
    yield measured.size;
  }
}

function makeOwn(absolute: string, tmp: string, executable: boolean): void {
  mkdirSync(tmp, { recursive: true });
  const folder = dirname(absolute);
  const isNear = statSync(tmp).dev === statSync(folder).dev;
  const temporary = isNear ? join(tmp, `${process.pid}.${randomUUID()}`) : join(folder, `.mlops-${randomUUID()}.tmp`);
  try {
    copyFileSync(absolute, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    chmodSync(temporary, (executable ? 0o777 : 0o666) & ~process.umask());
    renameSync(temporary, absolute);
  } finally {
    rmSync(temporary, { force: true });
  }
}
