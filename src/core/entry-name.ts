/**
 * What is wrong with the name of one file or folder, as the rest of a sentence ("is empty"), or null when it is fine. The
 * law for every tree, lockfile and pipeline: a name that some system would read as another place is refused on all.
 */
export function nameProblem(name: string): string | null {
  // Most names of large folders end here: plain letters, too long for a device, no dot in front.
  if (name.length > 7 && name.length < 250 && /^[A-Za-z0-9_][A-Za-z0-9_.-]*[A-Za-z0-9_-]$/.test(name)) return null;
  if (name === '') return 'is empty';
  if (name.includes('\0')) return 'holds a NUL character';
  if (name.includes('/') || name.includes('\\')) return 'holds a slash or a backslash';
  if (/\p{Surrogate}/u.test(name)) return 'is not valid Unicode';
  if (name.length > 85 && Buffer.byteLength(name) > 255) return 'is longer than 255 bytes';

  const folded = foldName(name);
  if (folded === '') return name === '..' ? 'leads to the folder above' : 'stands for no name of its own';
  if (folded === '.git' || /^git~\d+$/.test(folded)) return 'belongs to Git';
  if (folded.startsWith('.mlops')) return 'belongs to mlops';
  if (DEVICE.test(folded)) return 'is the name of a device on Windows';
  return null;
}

/** What is wrong with a project path (relative to the root, with forward slashes), or null when it is fine. */
export function pathProblem(path: string): string | null {
  if (path === '') return 'it is empty';
  if (path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path)) return 'it is not relative to the project';
  for (const name of path.split('/')) {
    const problem = nameProblem(name);
    if (problem !== null) return `${JSON.stringify(name)} ${problem}`;
  }
  return null;
}

/** A name as the least careful file system sees it: two names that fold together may be one file there. */
export function foldName(name: string): string {
  return name
    .normalize('NFC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/[. ]+$/, '')
    .toLowerCase()
    .normalize('NFC');
}

/** Whether a name inside a tracked folder is Git's or ours and so never part of it, without a word. */
export function isAlwaysIgnored(name: string): boolean {
  return name === '.git' || name.startsWith('.mlops');
}

/**
 * Whether a symbolic link at a path inside a folder stays inside it: relative, and `..` only at the beginning, since behind
 * another link `..` leads anywhere.
 */
export function linkStaysInside(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || /[\0\\]|^[A-Za-z]:/.test(target)) return false;
  const parts = target.split('/');
  const ups = parts.findIndex((part) => part !== '..');
  const down = ups < 0 ? [] : parts.slice(ups);
  return !down.includes('..') && (ups < 0 ? parts.length : ups) < path.split('/').length;
}

const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])$/;
