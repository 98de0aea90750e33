import { GitError, simpleGit } from 'simple-git';
import { type Env, gitArgs, gitEnv, gitFailed, gitMissing } from './run-git.ts';

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

// simple-git refuses settings that may start another program. A person's own environment is theirs, here as in every other
// call of Git, and the arguments above hold nothing that anybody typed.
const ALLOWED = Object.fromEntries(
  [
    ...['Alias', 'AskPass', 'CommandBinaries', 'ConfigEnvCount', 'ConfigPaths', 'CredentialHelper', 'DiffExternal'],
    ...['DiffTextConv', 'Editor', 'Exec', 'Filter', 'FsMonitor', 'GitProxy', 'GpgProgram', 'HooksPath', 'Include'],
    ...['MergeDriver', 'Pack', 'Pager', 'ProtocolOverride', 'SshCommand', 'Submodule', 'TemplateDir', 'UrlRewrite'],
  ].map((of) => [`allowUnsafe${of}`, true]),
);

/** Names of commits to look at, newest first: branches (remote-tracking ones too), tags, or all that one of them reaches. */
export async function listNames(folder: string, env: Env, of: keyof typeof LISTINGS): Promise<string[]> {
  const set = Object.entries(gitEnv(env)).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const git = simpleGit({
    baseDir: folder,
    maxConcurrentProcesses: 1,
    unsafe: ALLOWED,
    allowEnvironment: set.map(([name]) => name),
  }).env(Object.fromEntries(set));
  try {
    const out = await git.raw(gitArgs(LISTINGS[of]));
    return out.split('\n').filter((line) => line !== '');
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    // All that is left of the failed call in this error is its text.
    if (error.message.includes('spawn git ENOENT')) throw gitMissing(Object.assign(error, { code: 'ENOENT' }));
    throw gitFailed(`list ${of}`, { exitCode: 1, out: Buffer.alloc(0), err: error.message.trim() });
  }
}
