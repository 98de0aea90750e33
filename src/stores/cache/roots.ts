import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hexOf } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import { fileError, isMissing } from '../../system/file-error.ts';
import { digestOf } from '../../system/hash.ts';
import { writeFile } from '../../system/write-file.ts';
import { makeFolder, shareFile } from '../../system/make-folder.ts';

/** Leaves word in a cache that may be shared that a project uses it, so that a collection in another one keeps what it needs. */
export function registerRoot(dir: string, root: string): void {
  const file = fileOf(dir, root);
  if (existsSync(file)) return;
  try {
    makeFolder(folderOf(dir));
    makeFolder(join(dir, 'v1', 'tmp'));
    writeFile(file, root, join(dir, 'v1', 'tmp'));
    shareFile(file);
  } catch (error) {
    // Who may not write here, puts nothing here that could be lost.
    if (!(fileError(error, 'register') instanceof MlopsError)) throw error;
  }
}

/** The projects that use a cache, as absolute paths. */
export function registeredRoots(dir: string): string[] {
  try {
    const files = readdirSync(folderOf(dir)).filter((name) => /^[0-9a-f]{16}$/.test(name));
    return files.map((name) => readFileSync(join(folderOf(dir), name), 'utf8'));
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileError(error, `read who uses the cache in ${dir}`);
  }
}

/** A project that is gone no longer keeps anything. False when it never was one. */
export function forgetRoot(dir: string, root: string): boolean {
  const file = fileOf(dir, root);
  if (!existsSync(file)) return false;
  rmSync(file, { force: true });
  return true;
}

function folderOf(dir: string): string {
  return join(dir, 'v1', 'roots');
}

function fileOf(dir: string, root: string): string {
  return join(folderOf(dir), hexOf(digestOf(root)).slice(0, 16));
}
