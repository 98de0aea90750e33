import type { Style } from './style.ts';

/** The line that gives Git what a command changed: `git add .mlops.lock.yaml data/.gitignore`. Nothing changed: no line. */
export function gitAddLines(files: readonly string[], style: Style): string[] {
  if (files.length === 0) return [];
  return ['', style.dim('To keep this in Git:'), `  git add ${files.map(style.word).join(' ')}`];
}
