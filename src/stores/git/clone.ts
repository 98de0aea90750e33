import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import { type Env, gitFailed, runGit } from './run-git.ts';

/** A repository elsewhere, of which one commit was fetched into a folder of ours. */
export interface FetchedCommit {
  /** The work tree, with nothing checked out. */
  readonly folder: string;
  readonly sha: string;
}

/** What is fetched, and where clones are kept to be used again. */
export interface FetchRequest {
  readonly url: string;
  /** A branch, a tag or a commit; null: what the repository has checked out. */
  readonly rev: string | null;
  /** Holds a folder for each repository. */
  readonly clones: string;
  readonly env: Env;
}

// Small files come with the commit, large ones when they are asked for; where a server knows no filter, Git says so and goes on.
const FILTER = '--filter=blob:limit=64k';

const EVERYTHING = ['+HEAD:refs/mlops/head', '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];

/**
 * Fetches one commit of a repository, without its history. A clone that is there is used again, and a commit that it has is
 * not asked for. Fails with `remote-unavailable` when the repository cannot be reached, with `usage` when it has no such revision.
 */
export async function fetchCommit({ url, rev, clones, env }: FetchRequest): Promise<FetchedCommit> {
  const folder = join(clones, createHash('sha256').update(url).digest('hex').slice(0, 32));
  const git = (...args: string[]) => runGit(args, { cwd: folder, env });
  await layOut(folder, url, env);

  if (rev !== null && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(rev)) {
    const known = await git('cat-file', '-e', `${rev}^{commit}`);
    if (known.exitCode === 0) return { folder, sha: rev };
  }
  const wanted = rev ?? 'HEAD';
  const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--force'];
  for (const refspec of refspecsOf(wanted)) {
    const shallow = await git('fetch', ...options, '--depth=1', FILTER, '--', url, refspec);
    if (shallow.exitCode === 0) return { folder, sha: await shaOf(folder, 'refs/mlops/wanted', env) };
    if (isUnreachable(shallow.err)) throw unreachable(url, shallow.err);
  }
  // A short commit id, or `main~3`: only the whole history knows what that is.
  const depth = existsSync(join(folder, '.git', 'shallow')) ? ['--unshallow'] : [];
  const all = await git('fetch', ...options, ...depth, FILTER, '--', url, ...EVERYTHING);
  if (all.exitCode !== 0) throw unreachable(url, all.err);
  return { folder, sha: await shaOf(folder, wanted.replace(/^HEAD(?=[~^@]|$)/, 'refs/mlops/head'), env, wanted) };
}

async function layOut(folder: string, url: string, env: Env): Promise<void> {
  if (existsSync(join(folder, '.git', 'config'))) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const args of [
    ['init', '--quiet', '--initial-branch=mlops-has-none'],
    // What a filter left out is asked for there.
    ['remote', 'add', '--', 'origin', url],
    ['config', 'remote.origin.promisor', 'true'],
    ['config', 'remote.origin.partialclonefilter', 'blob:limit=64k'],
  ]) {
    const exit = await runGit(args, { cwd: folder, env });
    if (exit.exitCode !== 0) throw gitFailed('make a clone', exit);
  }
}

function refspecsOf(rev: string): string[] {
  const full = /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(rev) || rev === 'HEAD' || rev.startsWith('refs/');
  const names = full ? [rev] : [`refs/tags/${rev}`, `refs/heads/${rev}`];
  return names.map((name) => `+${name}:refs/mlops/wanted`);
}

async function shaOf(folder: string, name: string, env: Env, typed = name): Promise<string> {
  const exit = await runGit(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`], {
    cwd: folder,
    env,
  });
  if (exit.exitCode === 0) return exit.out.toString('utf8').trim();
  throw new MlopsError('usage', `The repository has no revision ${JSON.stringify(typed)}.`, {
    hint: 'Name a branch, a tag or a commit of it with --rev.',
  });
}

function isUnreachable(err: string): boolean {
  return !/couldn't find remote ref|no such ref|not our ref|unadvertised object|invalid refspec/i.test(err);
}

function unreachable(url: string, err: string): MlopsError {
  const first = err.split('\n').find((line) => /^(fatal|error|ssh|remote):/i.test(line)) ?? err.split('\n')[0] ?? '';
  return new MlopsError(
    'remote-unavailable',
    `The repository ${url} cannot be read: ${first.replace(/^\w+: /, '').replace(/\.$/, '')}.`,
    {
      hint: 'See that its URL is right and that Git may read it: git ls-remote <url>',
    },
  );
}
