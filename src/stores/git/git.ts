import { join, relative, resolve, sep } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import { type Revision, WORKSPACE } from '../../core/revision.ts';
import { readFileIfThere } from '../../system/read-file.ts';
import { findGitFolder, type GitFolder, isShallow, readBranch, readHead } from './git-folder.ts';
import type { GitFile } from './listing.ts';
import { ObjectReader } from './object-reader.ts';
import type { Snapshots } from './snapshots.ts';
import { askForHead, type Env, gitFailed, type GitExit, runGit } from './run-git.ts';

/** The repository that a project lies in. Paths are relative to the project's root, which may be a folder inside it. */
export interface Git {
  /** Top of the work tree, absolute. */
  readonly folder: string;
  /** Top of the main work tree, which linked worktrees belong to; equal to `folder` elsewhere. */
  readonly mainFolder: string;
  /** The file with patterns of this clone alone, and what comes before a path of the project in it. */
  readonly excludes: { readonly file: string; readonly prefix: string };
  /** The commit that is checked out, or null before the first one. */
  head(): string | null;
  branch(): string | null;
  /** What a name stands for; `workspace` is the files on disk. Fails with `usage` when Git does not know it. */
  resolve(name: string): Promise<Revision>;
  /** A file's bytes at a revision, or undefined when it has no such file. */
  readFile(revision: Revision, path: string): Promise<Uint8Array | undefined>;
  /** Those of the paths that Git tracks, or in which it tracks a file. */
  trackedAmong(paths: readonly string[]): Promise<Set<string>>;
  /** Those of the paths that a `.gitignore` keeps out of Git. */
  ignoredAmong(paths: readonly string[]): Promise<Set<string>>;
  /** Whether a file that Git tracks differs from the commit that is checked out. */
  isDirty(): Promise<boolean>;
  /** Stages the paths for the next commit. */
  add(paths: readonly string[]): Promise<void>;
  /** Names of commits to look at: branches (remote-tracking ones too), tags, or every commit that one of them reaches. */
  names(of: 'branches' | 'tags' | 'commits'): Promise<string[]>;
  /** Which of these differ from what Git has staged, those that it does not know among them. */
  unstagedAmong(paths: readonly string[]): Promise<Set<string>>;
  /** Files that Git neither has nor ignores. */
  untracked(): Promise<string[]>;
  /** Every file that a revision has below the project's root; of the workspace, those that Git tracks. */
  files(revision: Revision): Promise<GitFile[]>;
  /** Files of one name wherever the repository has them, in all of its work trees and commits. */
  snapshots(name: string): Promise<Snapshots>;
  close(): void;
}

/** The repository around a project's root, or null when there is none. Nothing is run before it is needed. */
export function openGit(root: string, env: Env): Promise<Git | null> {
  const folder = findGitFolder(root);
  return Promise.resolve(folder === null ? null : new Repository(root, folder, env));
}

// Command lines have a limit; so many bytes of paths fit everywhere.
const BYTES_PER_CALL = 20_000;

class Repository implements Git {
  readonly folder: string;
  readonly mainFolder: string;
  readonly excludes: Git['excludes'];
  readonly #root: string;
  readonly #git: GitFolder;
  readonly #env: Env;
  readonly #objects: ObjectReader;
  /** From the top of the work tree to the project, with a slash at its end; empty when they are the same. */
  readonly #prefix: string;

  constructor(root: string, git: GitFolder, env: Env) {
    this.folder = git.top;
    this.mainFolder =
      git.own === git.common || !git.common.endsWith(`${sep}.git`) ? git.top : resolve(git.common, '..');
    this.#root = root;
    this.#git = git;
    this.#env = env;
    this.#objects = new ObjectReader(root, env);
    const below = relative(git.top, resolve(root)).split(sep).join('/');
    this.#prefix = below === '' ? '' : `${below}/`;
    this.excludes = { file: join(git.common, 'info', 'exclude'), prefix: this.#prefix };
  }

  head(): string | null {
    const head = readHead(this.#git);
    return head === undefined ? askForHead(this.#root, this.#env) : head;
  }

  branch(): string | null {
    return readBranch(this.#git);
  }

  async resolve(name: string): Promise<Revision> {
    if (name === 'workspace') return WORKSPACE;
    const commit = name === '' ? undefined : await this.#objects.read(`${name}^{commit}`);
    if (commit?.type === 'commit') return { type: 'commit', name, sha: commit.id };
    throw new MlopsError('usage', `Git knows no commit ${JSON.stringify(name)}.`, { hint: this.#hintFor(name) });
  }

  async readFile(revision: Revision, path: string): Promise<Uint8Array | undefined> {
    if (revision.type === 'workspace') return readFileIfThere(join(this.#root, path));
    const object = await this.#objects.read(`${revision.sha}:${this.#prefix}${path}`);
    return object?.type === 'blob' ? object.bytes : undefined;
  }

  async trackedAmong(paths: readonly string[]): Promise<Set<string>> {
    const tracked = new Set<string>();
    for (const some of inGroups(paths)) {
      const { out } = await this.#run('list tracked files', ['ls-files', '-z', '--', ...some]);
      for (const path of splitNames(out)) tracked.add(path);
    }
    const folders = new Set([...tracked].flatMap(parentsOf));
    return new Set(paths.filter((path) => tracked.has(path) || folders.has(path)));
  }

  async ignoredAmong(paths: readonly string[]): Promise<Set<string>> {
    if (paths.length === 0) return new Set();
    // Behind `./` no name is taken for anything but a path.
    const input = paths.map((path) => `./${path}\0`).join('');
    const { out } = await this.#run('read .gitignore', ['check-ignore', '-z', '--stdin'], { input, fine: [0, 1] });
    return new Set(splitNames(out).map((name) => name.slice('./'.length)));
  }

  async isDirty(): Promise<boolean> {
    const { out } = await this.#run('say what changed', ['status', '--porcelain', '-z', '--untracked-files=no']);
    return out.length > 0;
  }

  async add(paths: readonly string[]): Promise<void> {
    for (const some of inGroups(paths)) await this.#run('stage the files', ['add', '--', ...some]);
  }

  async unstagedAmong(paths: readonly string[]): Promise<Set<string>> {
    const found = new Set<string>();
    for (const some of inGroups(paths)) {
      const kinds = ['--modified', '--deleted', '--others', '--exclude-standard'];
      const { out } = await this.#run('look for what is not staged', ['ls-files', ...kinds, '-z', '--', ...some]);
      for (const path of splitNames(out)) found.add(path);
    }
    return found;
  }

  async untracked(): Promise<string[]> {
    const { out } = await this.#run('list its files', ['ls-files', '--others', '--exclude-standard', '-z']);
    return splitNames(out);
  }

  async names(of: 'branches' | 'tags' | 'commits'): Promise<string[]> {
    const { listNames } = await import('./history.ts');
    return listNames(this.#root, this.#env, of);
  }

  async files(revision: Revision): Promise<GitFile[]> {
    const { listGitFiles } = await import('./listing.ts');
    return listGitFiles(this.#root, this.#env, revision);
  }

  async snapshots(name: string): Promise<Snapshots> {
    const found = await import('./snapshots.ts');
    return new found.Snapshots(this.folder, this.#env, this.#objects, name);
  }

  close(): void {
    this.#objects.close();
  }

  async #run(what: string, args: readonly string[], more: { input?: string; fine?: number[] } = {}): Promise<GitExit> {
    const input = more.input === undefined ? {} : { input: more.input };
    const exit = await runGit(args, { cwd: this.#root, env: this.#env, ...input });
    if (!(more.fine ?? [0]).includes(exit.exitCode)) throw gitFailed(what, exit);
    return exit;
  }

  #hintFor(name: string): string {
    if (this.head() === null) return 'There is no commit yet. Make the first one: git commit';
    if (isShallow(this.#git)) return 'This clone lacks older commits. Fetch them: git fetch --unshallow';
    return `See what there is: git log --oneline --all. Behind \`--\` a word is a path: -- ${name}`;
  }
}

function splitNames(out: Buffer): string[] {
  return out.toString('utf8').split('\0').slice(0, -1);
}

function parentsOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('/'));
}

function inGroups(paths: readonly string[]): string[][] {
  const groups: string[][] = [];
  let bytes = BYTES_PER_CALL;
  for (const path of paths) {
    bytes += path.length + 1;
    if (bytes > BYTES_PER_CALL) {
      groups.push([]);
      bytes = path.length + 1;
    }
    groups.at(-1)?.push(path);
  }
  return groups;
}
