import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../core/errors.ts';
import { fileError, isMissing } from './file-error.ts';

/** Readers see the old file or the new one, never half of either; after a power cut too. A symbolic link stays one. */
export function writeFile(path: string, content: string | Uint8Array, tmp: string): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const target = resolveLink(path);
  let temporary = join(tmp, `${basename(target).slice(0, 40)}.${randomUUID()}`);
  try {
    mkdirSync(tmp, { recursive: true });
    writeNew(temporary, bytes, modeOf(target));
    try {
      renameSync(temporary, target);
    } catch (error) {
      if (systemCode(error) !== 'EXDEV') throw error;
      rmSync(temporary, { force: true });
      temporary = join(dirname(target), `.mlops-${randomUUID()}.tmp`);
      writeNew(temporary, bytes, modeOf(target));
      renameSync(temporary, target);
    }
    syncFolder(dirname(target));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw fileError(error, `write ${path}`, { bytes: bytes.length });
  }
}

/** The text of a file, or undefined when there is none. */
export function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError(error, `read ${path}`);
  }
}

/** Makes the names in a folder last through a power cut, where the system can do that. */
export function syncFolder(path: string): void {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    fsyncSync(fd);
  } catch (error) {
    if (!isUnsyncable(error)) throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Windows and some network file systems cannot sync a folder; their renames are as lasting as they get. */
export function isUnsyncable(error: unknown): boolean {
  return ['EPERM', 'EACCES', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EBADF'].includes(systemCode(error) ?? '');
}

/** Writes all bytes to an open file; a short write is gone on with. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at);
}

function writeNew(path: string, bytes: Uint8Array, mode: number): void {
  const fd = openSync(path, 'wx', mode);
  try {
    writeAll(fd, bytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function resolveLink(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (isMissing(error)) return path;
    throw error;
  }
}

function modeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mode ?? 0o666;
}
