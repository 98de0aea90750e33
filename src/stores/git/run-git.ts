import { spawn, spawnSync } from 'node:child_process';
import { MlopsError, systemCode } from '../../core/errors.ts';

/** The environment as the process has it. */
export type Env = Readonly<Record<string, string | undefined>>;

/** How a run of Git ended. */
export interface GitExit {
  readonly exitCode: number;
  readonly out: Buffer;
  readonly err: string;
}

// Names from files and command lines reach Git: none of them may become a program, a prompt or a pattern.
const ALWAYS = ['--no-optional-locks', '-c', 'protocol.ext.allow=never', '-c', 'core.quotePath=false'];

/** What Git needs to be told so that it asks nothing, speaks English and takes paths as they are. */
export function gitEnv(env: Env): Record<string, string | undefined> {
  // In a hook Git sets these for its own folder; they would point every call there.
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_PREFIX: _prefix, ...rest } = env;
  return { ...rest, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
}

/** The arguments that every call of Git begins with. */
export function gitArgs(args: readonly string[]): string[] {
  return [...ALWAYS, ...args];
}

/** Runs Git to its end. The caller judges the exit code. */
export async function runGit(args: readonly string[], options: { cwd: string; env: Env; input?: string }) {
  // A path is a path, not a pattern; only this command knows no patterns, and refuses the word.
  const literal = args[0] === 'check-ignore' ? {} : { GIT_LITERAL_PATHSPECS: '1' };
  const env = { ...gitEnv(options.env), ...literal };
  const child = spawn('git', gitArgs(args), { cwd: options.cwd, env, windowsHide: true });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  // Git may close its input before it has read all of it; its exit code tells what happened.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  return new Promise<GitExit>((resolve, reject) => {
    child.on('error', (error) => reject(gitMissing(error)));
    child.on('close', (exitCode) =>
      resolve({ exitCode: exitCode ?? 1, out: Buffer.concat(out), err: Buffer.concat(err).toString('utf8').trim() }),
    );
  });
}

/** The error for a Git that cannot be started. */
export function gitMissing(error: unknown): MlopsError {
  const absent = systemCode(error) === 'ENOENT';
  return new MlopsError('no-git', absent ? 'Git is not installed, or not on the PATH.' : 'Git could not be started.', {
    cause: error,
    hint: 'Install it from https://git-scm.com',
  });
}

/** The error for a run of Git that failed: what it was for, and what Git said. */
export function gitFailed(what: string, { err }: GitExit): MlopsError {
  const [first = ''] = err.replace(/^(?:fatal|error): /, '').split('\n');
  // A repository of somebody else's, and how to say that it may be read.
  const [trusting] = /git config --global --add safe\.directory .+/.exec(err) ?? [];
  const message = `Git could not ${what}: ${first.replace(/\.$/, '') || 'it said nothing'}.`;
  return new MlopsError('failed', message, trusting === undefined ? {} : { hint: trusting });
}

/** The commit that HEAD stands on, by Git itself: for repositories whose refs are not plain files. */
export function askForHead(folder: string, env: Env): string | null {
  const args = gitArgs(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
  const { status, stdout } = spawnSync('git', args, {
    cwd: folder,
    env: gitEnv(env),
    encoding: 'utf8',
    windowsHide: true,
  });
  return status === 0 ? stdout.trim() : null;
}
