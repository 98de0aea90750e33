import type { Revision } from '../../core/revision.ts';
import { type Env, gitFailed, runGit } from './run-git.ts';

/** A file that Git has, by its path from the project's root. */
export interface GitFile {
  readonly path: string;
  readonly kind: 'file' | 'executable' | 'symlink';
  /** Bytes; null for one in the workspace, where the disk knows better. */
  readonly size: number | null;
}

const KINDS: Readonly<Record<string, GitFile['kind']>> = { 100644: 'file', 100755: 'executable', 120000: 'symlink' };

/** Every file below a folder at a revision; of the workspace, those that Git tracks. Submodules are left out. */
export async function listGitFiles(folder: string, env: Env, revision: Revision): Promise<GitFile[]> {
  const isCommit = revision.type === 'commit';
  const args = isCommit ? ['ls-tree', '-r', '-z', '--long', revision.sha] : ['ls-files', '-s', '-z'];
  const exit = await runGit(args, { cwd: folder, env });
  if (exit.exitCode !== 0) throw gitFailed('list its files', exit);
  const files = new Map<string, GitFile>();
  for (const line of exit.out.toString('utf8').split('\0').slice(0, -1)) {
    const tab = line.indexOf('\t');
    const [mode = '', , , size] = line.slice(0, tab).split(/ +/);
    const kind = KINDS[mode];
    const path = line.slice(tab + 1);
    if (kind !== undefined) files.set(path, { path, kind, size: isCommit ? Number(size) : null });
  }
  return [...files.values()];
}
