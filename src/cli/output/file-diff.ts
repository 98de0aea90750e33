import type { DiffedSide, DiffResult } from '../../features/data/diff.ts';
import { formatBytes } from './format.ts';
import { renderMarkdownTable } from './markdown.ts';
import type { Style } from './style.ts';

/** The files that differ between two revisions, one a line, and their counts. */
export function renderFileDiff(result: DiffResult, style: Style, isMarkdown: boolean): string {
  const { from, to, added, deleted, modified, renamed } = result;
  const rows: (readonly [change: string, path: string, size: string])[] = [
    ...added.map(({ path, size }) => ['added', style.path(path), formatBytes(size)] as const),
    ...deleted.map(({ path, size }) => ['deleted', style.path(path), formatBytes(size)] as const),
    ...modified.map(({ path, before, after }) => {
      return ['modified', style.path(path), changeOf(before, after)] as const;
    }),
    ...renamed.map((move) => ['renamed', `${style.path(move.from)} → ${style.path(move.to)}`, ''] as const),
  ];
  if (rows.length === 0) return `No tracked file changed from ${from} to ${to}.`;
  if (isMarkdown) return renderMarkdownTable(['change', 'path', 'size'], rows);
  const lines = rows.map(([change, path, size]) => {
    const color = change === 'added' ? style.good : change === 'deleted' ? style.bad : (text: string) => text;
    return `  ${color(`${change}:`.padEnd(10))} ${path}${size === '' ? '' : style.dim(`  (${size})`)}`;
  });
  const counts = Object.entries({ added, modified, deleted, renamed })
    .filter(([, list]) => list.length > 0)
    .map(([name, list]) => `${list.length} ${name}`);
  return [`From ${from} to ${to}:`, ...lines, `${counts.join(', ')}.`].join('\n');
}

const KINDS = { file: 'a plain file', executable: 'executable', symlink: 'a link', tree: 'a folder' };

function changeOf(before: DiffedSide, after: DiffedSide): string {
  if (before.kind !== after.kind && before.digest === after.digest) return `now ${KINDS[after.kind]}`;
  const sizes = `${formatBytes(before.size)} → ${formatBytes(after.size)}`;
  return before.kind === after.kind ? sizes : `${sizes}, now ${KINDS[after.kind]}`;
}
