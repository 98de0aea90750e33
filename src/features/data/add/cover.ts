import { foldersAbove } from '../../../core/overlap.ts';
import { hasWildcard, patternOf } from '../../../system/ignore-rules.ts';

/** How much of a path inside a tracked folder is meant, when only `inside` is: all of it, something beneath it, or nothing. */
export function coverOf(path: string, inside: readonly string[] | null): 'all' | 'part' | 'none' {
  if (inside === null) return 'all';
  let cover: 'part' | 'none' = 'none';
  for (const wanted of inside) {
    if (path === wanted || path.startsWith(`${wanted}/`)) return 'all';
    if (wanted.startsWith(`${path}/`)) cover = 'part';
    if (!hasWildcard(wanted)) continue;
    const pattern = patternOf(wanted);
    if ([path, ...foldersAbove(path)].some((at) => pattern.test(at))) return 'all';
    // Anything may match further down.
    if (reaches(wanted, path)) cover = 'part';
  }
  return cover;
}

function reaches(pattern: string, folder: string): boolean {
  const parts = pattern.split('/');
  return folder.split('/').every((name, at) => {
    const part = parts[at];
    return parts.slice(0, at + 1).includes('**') || (part !== undefined && patternOf(part).test(name));
  });
}
