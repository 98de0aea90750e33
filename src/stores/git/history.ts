import { simpleGit } from 'simple-git';

/** Names of commits to look at, newest first: branches (remote-tracking ones too), tags, or all that one of them reaches. */
export async function listNames(folder: string, of: 'branches' | 'tags' | 'commits'): Promise<string[]> {
  const git = simpleGit({ baseDir: folder, config: ['protocol.ext.allow=never'], maxConcurrentProcesses: 1 });
  const args = {
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
  }[of];
  const out = await git.raw(args);
  return out.split('\n').filter((line) => line !== '');
}
