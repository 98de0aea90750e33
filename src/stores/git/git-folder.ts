import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { systemCode } from '../../core/errors.ts';

/** Where a repository keeps what. In a linked worktree `own` is that worktree's folder and `common` the main one's `.git`. */
export interface GitFolder {
  readonly top: string;
  readonly own: string;
  readonly common: string;
}

/** The repository that a folder lies in, or null; found by looking upwards for `.git`, without running Git. */
export function findGitFolder(folder: string): GitFolder | null {
  for (let top = resolve(folder); ; top = dirname(top)) {
    const own = gitFolderOf(top);
    if (own !== null) return { top, own, common: commonOf(own) };
    if (top === dirname(top)) return null;
  }
}

/**
 * The commit that HEAD stands on; null before the first commit, undefined where refs are kept in a form that only Git itself
 * can read.
 */
export function readHead({ own, common }: GitFolder): string | null | undefined {
  let text = read(join(own, 'HEAD'));
  // A ref may name another one, a few times at most.
  for (let depth = 0; depth < 5; depth++) {
    if (text === undefined) return null;
    if (!text.startsWith('ref: ')) return /^[0-9a-f]{40,64}$/.test(text) ? text : undefined;
    const ref = text.slice('ref: '.length);
    if (ref === 'refs/heads/.invalid') return undefined;
    text = read(join(common, ref)) ?? packedRef(common, ref);
  }
  return undefined;
}

/** The branch that HEAD is on, or null when it is detached. */
export function readBranch({ own }: GitFolder): string | null {
  const text = read(join(own, 'HEAD')) ?? '';
  const branch = /^ref: refs\/heads\/(.+)$/.exec(text)?.[1];
  return branch === undefined || branch === '.invalid' ? null : branch;
}

/** Whether the repository was cloned without its whole history. */
export function isShallow({ common }: GitFolder): boolean {
  return read(join(common, 'shallow')) !== undefined;
}

function gitFolderOf(top: string): string | null {
  const path = join(top, '.git');
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return null;
  if (stat.isDirectory()) return read(join(path, 'HEAD')) === undefined ? null : path;
  // Worktrees and submodules have a file that says where the folder is.
  const elsewhere = /^gitdir: (.+)$/m.exec(read(path) ?? '')?.[1];
  return elsewhere === undefined ? null : resolve(top, elsewhere);
}

function commonOf(own: string): string {
  const common = read(join(own, 'commondir'));
  if (common === undefined) return own;
  return isAbsolute(common) ? common : resolve(own, common);
}

function packedRef(common: string, ref: string): string | undefined {
  const lines = read(join(common, 'packed-refs'))?.split('\n') ?? [];
  return lines.find((line) => line.endsWith(` ${ref}`))?.split(' ')[0];
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}
