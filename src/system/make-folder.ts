import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Both bits say that a group shares a folder: it may write there, and all in it belongs to the group. */
const SHARED = 0o2020;

/** Makes a folder and those above it; what is made in a folder that a group shares is shared too. Returns the first that was made. */
export function makeFolder(path: string): string | undefined {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined || !isShared(dirname(first))) return first;
  for (let at = path; at.length >= first.length; at = dirname(at)) shareFolder(at);
  return first;
}

/** Lets the group write in a folder, and all that comes into it belong to the group. */
export function shareFolder(path: string): void {
  chmodSync(path, (statSync(path).mode & 0o7777) | SHARED | 0o050);
}

/** Lets the group read a new file in a shared folder, whatever this user's mask says. */
export function shareFile(path: string): void {
  if (isShared(dirname(path))) chmodSync(path, (statSync(path).mode & 0o777) | 0o040);
}

/** Whether a group shares a folder. */
export function isShared(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && (stat.mode & SHARED) === SHARED;
}
