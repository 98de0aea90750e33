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
