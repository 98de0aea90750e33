import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import { readFileIfThere } from '../../system/read-file.ts';
import type { ObjectReader } from './object-reader.ts';
import { type Env, gitFailed, runGit } from './run-git.ts';
import { parseTree } from './tree-object.ts';

/** A file somewhere in a repository: in a commit, an index or on the disk. */
export interface FoundFile {
  /** For messages: `main:data/.mlops.lock.yaml`. */
  readonly where: string;
  /** The id of its bytes in Git; null for one on the disk. */
  readonly id: string | null;
  read(): Promise<Uint8Array | undefined>;
}

/** Which commits are meant. */
export interface CommitScope {
  readonly allBranches: boolean;
  readonly allTags: boolean;
  readonly allCommits: boolean;
  readonly revs: readonly string[];
  /** An ISO date: every commit that is not older. */
  readonly since: string | null;
}

/** A commit, and a name of it for a person. */
export interface ScopedCommit {
  readonly sha: string;
  readonly name: string;
}

/** Finds all files of one name that a repository has anywhere: in the work trees, their indexes, stashes and commits. */
export class Snapshots {
  readonly #folder: string;
  readonly #env: Env;
  readonly #objects: ObjectReader;
  readonly #name: string;
  /** Most folders are the same in most commits, so each is read once. */
  readonly #trees = new Map<string, Promise<readonly { readonly path: string; readonly id: string }[]>>();

  constructor(folder: string, env: Env, objects: ObjectReader, name: string) {
    this.#folder = folder;
    this.#env = env;
    this.#objects = objects;
    this.#name = name;
  }

  /** What no commit has yet, of every work tree of the repository: on the disk, in the index, in stashes. */
  async uncommitted(): Promise<FoundFile[]> {
    const found: FoundFile[] = [];
    for (const { folder } of await this.#workTrees()) {
      if (!existsSync(folder)) {
        throw new MlopsError('failed', `The Git worktree in ${folder} is not there, so what it needs is not known.`, {
          hint: 'If it is gone for good: git worktree prune',
        });
      }
      found.push(...(await this.#inWorkTree(folder)));
    }
    const stashes = await this.#lines(this.#folder, ['stash', 'list', '--format=%H %P']);
    for (const sha of new Set(stashes.flatMap((line) => line.split(' ')))) {
      found.push(...(await this.inCommit({ sha, name: `stash ${sha.slice(0, 10)}` })));
    }
    return found;
  }

  /** The tops of all work trees of the repository. */
  async folders(): Promise<string[]> {
    return (await this.#workTrees()).map(({ folder }) => folder);
  }

  /** Whether the repository has only the last commits of its history. */
  async isShallow(): Promise<boolean> {
    return (await this.#text(this.#folder, ['rev-parse', '--is-shallow-repository'])).trim() === 'true';
  }

  /** The commits of a scope, each once. What is checked out in any work tree belongs to all branches, and to all commits. */
  async commits(scope: CommitScope): Promise<ScopedCommit[]> {
    const names = new Set<string>(scope.revs);
    const refs = [
      ...(scope.allBranches ? ['refs/heads', 'refs/remotes'] : []),
      ...(scope.allTags ? ['refs/tags'] : []),
    ];
    if (refs.length > 0) {
      const listed = await this.#lines(this.#folder, ['for-each-ref', '--format=%(refname)', ...refs]);
      for (const ref of listed) names.add(ref);
    }
    const heads = (await this.#workTrees()).flatMap(({ head }) => (head === null ? [] : [head]));
    if (scope.allBranches) for (const head of heads) names.add(head);
    if (scope.allCommits) for (const sha of await this.#reached(heads, [])) names.add(sha);
    if (scope.since !== null) for (const sha of await this.#reached(heads, [`--since=${scope.since}`])) names.add(sha);
    const commits = new Map<string, ScopedCommit>();
    for (const name of names) {
      const commit = await this.#objects.read(`${name}^{commit}`);
      // A tag may stand for something that is no commit.
      if (commit?.type === 'commit') commits.set(commit.id, { sha: commit.id, name: name.replace(/^refs\/\w+\//, '') });
      else if (scope.revs.includes(name)) throw new MlopsError('usage', `Git knows no commit ${JSON.stringify(name)}.`);
    }
    return [...commits.values()];
  }

  /** Every file of the name in the tree of a commit. */
  async inCommit({ sha, name }: ScopedCommit): Promise<FoundFile[]> {
    const tree = await this.#objects.read(`${sha}^{tree}`);
    if (tree?.type !== 'tree') throw new MlopsError('failed', `Git cannot read the commit ${name}.`);
    const files = await this.#inTree(tree.id);
    return files.map(({ path, id }) => this.#blob(`${name}:${path}`, id));
  }

  async #inWorkTree(folder: string): Promise<FoundFile[]> {
    const found: FoundFile[] = [];
    const onDisk = new Set<string>();
    for (const line of await this.#entries(folder, ['ls-files', '-s', '-z'])) {
      const tab = line.indexOf('\t');
      const path = line.slice(tab + 1);
      if (!this.#isNamed(path)) continue;
      onDisk.add(path);
      found.push(this.#blob(`the index of ${folder}: ${path}`, line.split(' ')[1] ?? ''));
    }
    for (const path of await this.#entries(folder, ['ls-files', '-o', '--exclude-standard', '-z'])) {
      if (this.#isNamed(path)) onDisk.add(path);
    }
    for (const path of onDisk) {
      const file = join(folder, path);
      found.push({ where: file, id: null, read: async () => readFileIfThere(file) });
    }
    return found;
  }

  #inTree(id: string): Promise<readonly { readonly path: string; readonly id: string }[]> {
    let files = this.#trees.get(id);
    if (files === undefined) {
      files = this.#readTree(id);
      this.#trees.set(id, files);
    }
    return files;
  }

  async #readTree(id: string): Promise<{ path: string; id: string }[]> {
    const tree = await this.#objects.read(id);
    if (tree?.type !== 'tree') throw new MlopsError('failed', `Git cannot read the folder ${id}.`);
    const files: { path: string; id: string }[] = [];
    for (const entry of parseTree(tree.bytes, id.length / 2)) {
      if (entry.isTree) {
        for (const file of await this.#inTree(entry.id)) files.push({ ...file, path: `${entry.name}/${file.path}` });
      } else if (entry.name === this.#name) files.push({ path: entry.name, id: entry.id });
    }
    return files;
  }

  #blob(where: string, id: string): FoundFile {
    return { where, id, read: async () => (await this.#objects.read(id))?.bytes };
  }

  async #workTrees(): Promise<{ folder: string; head: string | null }[]> {
    const trees: { folder: string; head: string | null }[] = [];
    for (const line of await this.#lines(this.#folder, ['worktree', 'list', '--porcelain'])) {
      const last = trees.at(-1);
      if (line.startsWith('worktree ')) trees.push({ folder: line.slice('worktree '.length), head: null });
      else if (line.startsWith('HEAD ') && last !== undefined) last.head = line.slice('HEAD '.length);
      else if (line === 'bare') trees.pop();
    }
    // Before the first commit Git says zeros.
    return trees.map(({ folder, head }) => ({ folder, head: head === null || /^0+$/.test(head) ? null : head }));
  }

  #reached(heads: readonly string[], more: readonly string[]): Promise<string[]> {
    return this.#lines(this.#folder, ['rev-list', '--all', ...more, ...heads]);
  }

  #isNamed(path: string): boolean {
    return path === this.#name || path.endsWith(`/${this.#name}`);
  }

  async #lines(cwd: string, args: readonly string[]): Promise<string[]> {
    return (await this.#text(cwd, args)).split('\n').filter((line) => line !== '');
  }

  async #entries(cwd: string, args: readonly string[]): Promise<string[]> {
    return (await this.#text(cwd, args)).split('\0').slice(0, -1);
  }

  async #text(cwd: string, args: readonly string[]): Promise<string> {
    const exit = await runGit(args, { cwd, env: this.#env });
    if (exit.exitCode !== 0) throw gitFailed(`list what it has in ${cwd}`, exit);
    return exit.out.toString('utf8');
  }
}
