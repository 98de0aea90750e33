import type { AddResult } from '../../features/data/add/add.ts';
import { formatBytes, formatCount } from './format.ts';
import { gitAddLines } from './git-add.ts';
import type { Style } from './style.ts';

/** A line for each path that the lockfile names now, then what to tell Git. */
export function addedLines(
  { added, removed = [], toAdd }: Pick<AddResult, 'added' | 'removed'> & { readonly toAdd: readonly string[] },
  [would, did]: readonly [would: string, did: string],
  style: Style,
  isDryRun: boolean,
): string[] {
  const lines = added.map(({ path, size, files }) => {
    const volume = files === null ? formatBytes(size) : `${formatCount(files, 'file')}, ${formatBytes(size)}`;
    return `${isDryRun ? would : style.good(did)} ${style.path(path)} ${style.dim(`(${volume})`)}`;
  });
  for (const path of removed)
    lines.push(`${isDryRun ? 'Would take out' : style.good('Taken out')} ${style.path(path)}`);
  return isDryRun ? lines : [...lines, ...gitAddLines(toAdd, style)];
}
