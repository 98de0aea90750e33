import { simpleGit } from 'simple-git';
import { type Env, gitEnv } from './run-git.ts';

const LISTINGS = {
  // `origin/HEAD` is another name of a branch that is listed anyway.
  branches: [
    'for-each-ref',
    '--sort=-committerdate',
    '--format=%(if)%(symref)%(then)%(else)%(refname:short)%(end)',
    'refs/heads',
    'refs/remotes',
  ],
  tags: ['for-each-ref', '--sort=-creatordate', '--format=%(refname:short)', 'refs/tags'],
  commits: ['rev-list', '--branches', '--tags', '--remotes'],
} as const;

/** Names of commits to look at, newest first: branches (remote-tracking ones too), tags, or all that one of them reaches. */
export async function listNames(folder: string, env: Env, of: keyof typeof LISTINGS): Promise<string[]> {
  const git = simpleGit({ baseDir: folder, maxConcurrentProcesses: 1 }).env(plainEnv(env));
  const out = await git.raw([...LISTINGS[of]]);
  return out.split('\n').filter((line) => line !== '');
}

/** The environment without what could make Git start another program, which simple-git refuses; a listing needs none of it. */
function plainEnv(env: Env): Record<string, string> {
  const plain = Object.entries(gitEnv(env)).filter(
    ([name]) => !/^(?:GIT_|EDITOR$|VISUAL$|PAGER$|PREFIX$|SSH_ASKPASS$)/i.test(name),
  );
  return Object.fromEntries(plain.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
