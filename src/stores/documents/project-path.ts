import { posix } from 'node:path';
import { pathProblem } from '../../core/entry-name.ts';

/** A path as written, taken from a folder of the project to its root; or why no project has such a path. */
export type ProjectPath = { readonly path: string } | { readonly problem: string };

/** Whether a dependency is a pattern and not a path. */
export function isPattern(text: string): boolean {
  return /[*?[\]{}]|[!@+]\(/.test(text);
}

/** Makes a path relative to the root, `from` being the folder it was written for. It must lie inside the project. */
export function toProjectPath(from: string, written: string): ProjectPath {
  const shown = JSON.stringify(written);
  if (written.includes('\\')) return { problem: `${shown} has a backslash; folders are separated by "/".` };
  if (/^(?:[/~]|[A-Za-z]:)/.test(written)) {
    return { problem: `${shown} is not relative. Paths start from the project's root, and stay inside it.` };
  }
  const path = posix.normalize(posix.join(from, written)).replace(/\/$/, '');
  if (path === '..' || path.startsWith('../')) return { problem: `${shown} is outside the project.` };
  if (path === '.') return { problem: `${shown} is the whole project; name a file or folder in it.` };
  const problem = pathProblem(isPattern(path) ? path.replace(/[*?[\]{}!@+()|,]/g, 'x') : path);
  return problem === null ? { path } : { problem: `${shown} cannot be a path of a project: ${problem}.` };
}

/** A path as file systems see it that ignore case and how accents are composed. */
export function foldPath(path: string): string {
  return path.normalize('NFC').toLowerCase().normalize('NFC');
}
