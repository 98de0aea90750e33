import { pathProblem } from '../../core/entry-name.ts';

const STAGE_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_.@+=-]*$/u;

/** What is wrong with a stage's name, to follow "the name"; null when nothing is. Stage names also become names of folders. */
export function stageNameProblem(name: string): string | null {
  if (name === '') return 'is empty';
  if (name.length > 200) return 'is longer than 200 characters';
  if (!STAGE_NAME.test(name))
    return 'may hold letters, digits and _ . @ + = - only, and begins with a letter or a digit';
  // Maps of stages are plain objects in places, where these names are always there.
  if (name in {}) return 'is a word that JavaScript keeps for itself';
  if (name.endsWith('.')) return 'ends in a dot';
  return null;
}

/** The same of a name with its folder: `models/churn:train`. */
export function fullNameProblem(name: string): string | null {
  const { folder, own } = splitName(name);
  const wrong = folder === '.' ? null : pathProblem(folder);
  return wrong === null ? stageNameProblem(own) : `has a folder that cannot be: ${wrong}`;
}

/** The name under which all of the project knows a stage: its folder's, a colon, its own. */
export function fullName(folder: string, own: string): string {
  return folder === '.' ? own : `${folder}:${own}`;
}

/** The folder whose file describes a stage, and the stage's name in it. */
export function splitName(name: string): { folder: string; own: string } {
  const at = name.lastIndexOf(':');
  return at < 0 ? { folder: '.', own: name } : { folder: name.slice(0, at), own: name.slice(at + 1) };
}
