import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { open } from 'node:fs/promises';
import { systemCode } from '../../core/errors.ts';
import { compareCodePoints } from '../../core/value.ts';
import { writeAll } from '../../system/write-file.ts';
import type { Content } from './remote.ts';

// Up to here one synchronous loop is short enough; above it others get their turn between two pieces.
const AT_ONCE = 8 << 20;
const PIECE = 1 << 20;

/** Writes a new file and has it on the disk when it returns. */
export async function copyInto(target: string, content: Content): Promise<void> {
  if (content.type === 'file' && content.size > AT_ONCE) return copyLarge(content.path, target);

  const to = openSync(target, 'wx');
  try {
    if (content.type === 'bytes') writeAll(to, content.bytes);
    else copySmall(content.path, to);
    fsyncSync(to);
  } finally {
    closeSync(to);
  }
}

/** Gives a finished file its name unless the name is taken, and says whether it did. */
export function linkInto(temporary: string, target: string): boolean {
  try {
    linkSync(temporary, target);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    // Some file systems know no hard links (FAT, some shares): there the last of two writers wins.
    if (existsSync(target)) return false;
    renameSync(temporary, target);
    return true;
  }
}

/** Whether there is a folder at a path. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // Nothing there, or nothing that can be entered: what is then done with it tells why.
    return false;
  }
}

/** Makes a folder and those above it, up to a base that must be there. */
export function makeBelow(base: string, folder: string): void {
  if (folder === base || isFolder(folder)) return;
  makeBelow(base, dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

/** The names in a folder, in order. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted(compareCodePoints);
  } catch (error) {
    // A folder that nothing was put into, or that another process removed meanwhile, holds nothing.
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}

function copySmall(source: string, to: number): void {
  const from = openSync(source, 'r');
  try {
    for (;;) {
      const length = readSync(from, buffer, 0, PIECE, null);
      if (length === 0) return;
      writeAll(to, buffer.subarray(0, length));
    }
  } finally {
    closeSync(from);
  }
}

/** Removes the files of a folder that are older than a moment, or only counts them. */
export function removeOld(folder: string, before: number, dryRun: boolean): number {
  let old = 0;
  for (const name of namesIn(folder)) {
    const stat = statSync(join(folder, name), { throwIfNoEntry: false });
    if (stat === undefined || stat.mtimeMs >= before) continue;
    if (!dryRun) rmSync(join(folder, name), { force: true });
    old += 1;
  }
  return old;
}

async function copyLarge(source: string, target: string): Promise<void> {
  const from = await open(source, 'r');
  try {
    const to = await open(target, 'wx');
    try {
      const piece = Buffer.allocUnsafe(PIECE);
      for (;;) {
        const { bytesRead } = await from.read(piece, 0, PIECE, null);
        if (bytesRead === 0) break;
        for (let written = 0; written < bytesRead;) {
          written += (await to.write(piece, written, bytesRead - written, null)).bytesWritten;
        }
      }
      await to.sync();
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

const buffer = Buffer.allocUnsafeSlow(PIECE);
