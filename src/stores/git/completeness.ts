import { type Env, gitFailed, runGit } from './run-git.ts';

/** Why a clone cannot see every ref of its project. */
export type Blindness =
  | { readonly type: 'shallow' }
  /** Branches of a remote that this clone never fetches. */
  | { readonly type: 'single-branch'; readonly remote: string }
  | { readonly type: 'never-fetched'; readonly remote: string };

/** What keeps the clone in a folder from seeing every ref of its project; null when nothing does. Fetches nothing. */
export async function blindnessOf(folder: string, env: Env): Promise<Blindness | null> {
  if ((await lines(folder, env, ['rev-parse', '--is-shallow-repository']))[0] === 'true') return { type: 'shallow' };
  const fetched = await lines(folder, env, ['config', '--get-regexp', '^remote\\..*\\.fetch$'], [0, 1]);
  const remotes = new Set(await lines(folder, env, ['remote']));
  for (const remote of remotes) {
    const key = `remote.${remote}.fetch `;
    const isWhole = fetched.some(
      (line) => line.startsWith(key) && /^\+?refs\/(?:heads\/)?\*:/.test(line.slice(key.length)),
    );
    if (!isWhole) return { type: 'single-branch', remote };
    const refs = await lines(folder, env, [
      'for-each-ref',
      '--count=1',
      '--format=%(refname)',
      `refs/remotes/${remote}/`,
    ]);
    if (refs.length === 0) return { type: 'never-fetched', remote };
  }
  return null;
}

/** What all clones of a repository have in common: its first commit, and where it came from. Null for what is not known. */
export async function originsOf(folder: string, env: Env): Promise<{ first: string | null; url: string | null }> {
  const isShallow = (await lines(folder, env, ['rev-parse', '--is-shallow-repository']))[0] === 'true';
  const roots = isShallow ? [] : await lines(folder, env, ['rev-list', '--max-parents=0', 'HEAD', '--'], [0, 128]);
  const [url] = await lines(folder, env, ['config', '--get', 'remote.origin.url'], [0, 1]);
  return { first: roots.toSorted()[0] ?? null, url: url === undefined ? null : plainUrl(url) };
}

/** The same for every way to write an address: `github.com/team/iris`. */
function plainUrl(url: string): string {
  const plain = url.replace(/^[a-z+]+:\/\//i, '').replace(/^[^/@]*@/, '');
  return plain.replace(/^([^/:]+):(?:\d+\/)?/, '$1/').replace(/(?:\.git)?\/*$/, '');
}

async function lines(folder: string, env: Env, args: readonly string[], fine = [0]): Promise<string[]> {
  const exit = await runGit(args, { cwd: folder, env });
  if (!fine.includes(exit.exitCode)) throw gitFailed('say what it knows of other clones', exit);
  return exit.exitCode === 0 ? exit.out.toString('utf8').split('\n').filter(Boolean) : [];
}
