import type { StageEdited } from '../../features/pipeline/edit/add.ts';
import { gitAddLines } from './git-add.ts';
import type { Style } from './style.ts';

/** What a change does to a file, line by line, as a diff shows it. */
export function changeLines({ change }: StageEdited, style: Style): string[] {
  const { file, line, removed, added } = change;
  if (removed.length === 0 && added.length === 0) return [];
  return [
    style.dim(`${style.path(file)}:${line}`),
    ...removed.map((text) => style.bad(`- ${text}`.trimEnd())),
    ...added.map((text) => style.good(`+ ${text}`.trimEnd())),
  ];
}

/** A sentence about an edit; what a dry run would change, and else the line that gives it to Git. */
export function editLines(
  edits: readonly StageEdited[],
  {
    sentence,
    dryRun,
    toAdd,
  }: { readonly sentence: string; readonly dryRun: boolean; readonly toAdd: readonly string[] },
  style: Style,
): string {
  const lines = dryRun ? edits.flatMap((edit) => changeLines(edit, style)) : gitAddLines(toAdd, style);
  return [sentence, ...lines].join('\n');
}
