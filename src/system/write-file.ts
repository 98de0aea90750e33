import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsync,
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
import { promisify } from 'node:util';
import { systemCode } from '../core/errors.ts';
import { fileError, isMissing } from './file-error.ts';

/** Readers see the old file or the new one, never half of either; after a power cut too. A symbolic link stays one. */
export function writeFile(path: string, content: string | Uint8Array, tmp: string): void {
  syncAtOnce(writeInSteps(path, content, tmp));
}

/** The same while other work goes on: the disk takes its time. `named`: readers see the new file from now on. */
export async function writeFileMeanwhile(
  path: string,
  content: string | Uint8Array,
  tmp: string,
  named: () => void,
): Promise<void> {
  const steps = writeInSteps(path, content, tmp, named);
  for (let step = steps.next(); step.done !== true;) {
    const failed = await syncLater(step.value).then(() => null, asFailure);
    step = failed === null ? steps.next() : steps.throw(failed.error);
  }
}

/** Each open file or folder that has to be on the disk before it goes on. */
type Steps = Generator<number, void, void>;

function syncAtOnce(steps: Steps): void {
  for (let step = steps.next(); step.done !== true;) {
    let failed: ReturnType<typeof asFailure> | null = null;
    try {
      fsyncSync(step.value);
    } catch (error) {
      failed = asFailure(error);
    }
    step = failed === null ? steps.next() : steps.throw(failed.error);
  }
}

const syncLater = promisify(fsync);

function asFailure(error: unknown): { readonly error: unknown } {
  return { error };
}

function* writeInSteps(
  path: string,
  content: string | Uint8Array,
  tmp: string,
  named: () => void = () => undefined,
): Steps {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const target = resolveLink(path);
  let temporary = join(tmp, `${basename(target).slice(0, 40)}.${randomUUID()}`);
  try {
    mkdirSync(tmp, { recursive: true });
    yield* writeNew(temporary, bytes, modeOf(target));
    try {
      renameSync(temporary, target);
    } catch (error) {
      if (systemCode(error) !== 'EXDEV') throw error;
      rmSync(temporary, { force: true });
      temporary = join(dirname(target), `.mlops-${randomUUID()}.tmp`);
      yield* writeNew(temporary, bytes, modeOf(target));
      renameSync(temporary, target);
    }
    named();
    yield* folderInSteps(dirname(target));
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
  syncAtOnce(folderInSteps(path));
}

function* folderInSteps(path: string): Steps {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    yield fd;
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

function* writeNew(path: string, bytes: Uint8Array, mode: number): Steps {
  const fd = openSync(path, 'wx', mode);
  try {
    writeAll(fd, bytes);
    yield fd;
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
