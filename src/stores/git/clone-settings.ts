import { resolve } from 'node:path';
import { type Env, gitFailed, type GitExit, runGit } from './run-git.ts';

/** The texts of a file that Git could not merge: the common one, ours and theirs; null when it is not such a file. */
export async function readUnmerged(folder: string, env: Env, name: string) {
  const read = async (stage: number) => {
    const { exitCode, out } = await runGit(['cat-file', 'blob', `:${stage}:./${name}`], { cwd: folder, env });
    return exitCode === 0 ? out.toString('utf8') : null;
  };
  const [base, ours, theirs] = [await read(1), await read(2), await read(3)];
  return ours === null || theirs === null ? null : { base, ours, theirs };
}

/** A file of this clone that Git reads and never commits (`info/attributes`), as an absolute path. */
export async function gitPath(folder: string, env: Env, name: string): Promise<string> {
  const exit = await run(folder, env, ['rev-parse', '--git-path', name]);
  return resolve(folder, exit.out.toString('utf8').trim());
}

/** The folder from the top of the repository to this one, with a slash at its end; empty for the top. */
export async function gitPrefix(folder: string, env: Env): Promise<string> {
  return (await run(folder, env, ['rev-parse', '--show-prefix'])).out.toString('utf8').trim();
}

/** A setting of this clone alone; null when it has none of its own. */
export async function readCloneSetting(folder: string, env: Env, name: string): Promise<string | null> {
  const { exitCode, out } = await runGit(['config', '--local', '--get', name], { cwd: folder, env });
  return exitCode === 0 ? out.toString('utf8').replace(/\n$/, '') : null;
}

/** Sets it. */
export async function setCloneSetting(folder: string, env: Env, name: string, value: string): Promise<void> {
  await run(folder, env, ['config', '--local', name, value]);
}

/** Removes all settings of this clone below a name; there need not be any. */
export async function removeCloneSettings(folder: string, env: Env, section: string): Promise<void> {
  await runGit(['config', '--local', '--remove-section', section], { cwd: folder, env });
}

async function run(folder: string, env: Env, args: readonly string[]): Promise<GitExit> {
  const exit = await runGit(args, { cwd: folder, env });
  if (exit.exitCode !== 0) throw gitFailed('change the settings of this clone', exit);
  return exit;
}
