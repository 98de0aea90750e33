import { hostname } from 'node:os';
import { basename, relative, sep } from 'node:path';
import { hexOf } from '../../core/digest.ts';
import type { Project } from '../../project/project.ts';
import { originsOf } from '../../stores/git/completeness.ts';
import { findGitFolder } from '../../stores/git/git-folder.ts';
import type { RemoteProject } from '../../stores/remotes/projects.ts';
import { digestOf } from '../../system/hash.ts';

/**
 * What a project may be known by on remotes, best first. All clones have it in common: the first commit, or where they came from
 * (a shallow clone knows no more), and the folder in the repository. Without a commit it is this folder on this machine.
 */
export async function identitiesOf(root: string, env: Project['env']): Promise<[RemoteProject, ...RemoteProject[]]> {
  const top = findGitFolder(root)?.top ?? null;
  const { first, url } = top === null ? { first: null, url: null } : await originsOf(top, env);
  const inside = top === null ? '' : relative(top, root).split(sep).join('/');
  const name = [url ?? basename(root), inside].filter(Boolean).join(' ');
  const idOf = (...words: string[]) => ({ id: hexOf(digestOf(words.join('\n'))).slice(0, 24), name });
  const known = [
    ...(first === null ? [] : [idOf('commit', first, inside)]),
    ...(url === null ? [] : [idOf('url', url, inside)]),
  ];
  const local = idOf('folder', hostname(), root);
  const [best = local, ...others] = known;
  return [best, ...others, ...(best === local ? [] : [local])];
}
