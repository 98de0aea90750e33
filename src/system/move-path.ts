import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from '../core/errors.ts';

/** Moves a file or folder, also onto another file system. The source goes only when all of it has arrived. */
export function movePath(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    renameSync(from, to);
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw error;
    const arriving = `${to}.arriving`;
    rmSync(arriving, { recursive: true, force: true });
    copyPath(from, arriving);
    renameSync(arriving, to);
    rmSync(from, { recursive: true, force: true });
  }
}

/** A copy of a file or folder that shares nothing with it, links inside as they are. */
export function copyPath(from: string, to: string): void {
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
}
