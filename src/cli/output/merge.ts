import { MlopsError } from '../../core/errors.ts';
import type { MergeResult, ToldConflict } from '../../features/merge/merge.ts';
import { gitAddLines } from './git-add.ts';
import type { Style } from './style.ts';

/** What a merge came to: what was settled, and each conflict with the lines that the sides do not share. */
export function renderMerge({ file, changed, settled, conflicts }: MergeResult, dryRun: boolean, style: Style): string {
  const lines = settled.map(
    ({ kind, name, by }) => `${nameOf({ kind, name }, style)}: ${by === 'hand' ? 'as it was settled by hand' : by}`,
  );
  for (const conflict of conflicts) lines.push(...conflictLines(conflict, style));
  if (conflicts.length > 0) return lines.join('\n');
  const verb = dryRun ? 'Can merge' : style.good('Merged');
  const sentence = changed ? `${verb} ${style.path(file)}.` : `There is no conflict in ${style.path(file)}.`;
  return [...lines, sentence, ...(dryRun ? [] : gitAddLines([file], style))].join('\n');
}

/** The sentence with which conflicts end a merge, and the way out of them. */
export function mergeProblem({ conflicts, file }: MergeResult): MlopsError | null {
  if (conflicts.length === 0) return null;
  const names = conflicts.map((one) => (one.kind === 'data' ? one.name : `stage ${one.name}`)).join(', ');
  const message = `Both sides changed ${names}, each in its own way.`;
  return new MlopsError('failed', message, {
    hint: `Take all from one side: mlops merge --ours, or --theirs. Or delete lines between the marks in ${file}, and: mlops merge. A stage is brought up to date by mlops repro.`,
  });
}

function conflictLines({ kind, name, ours, theirs }: ToldConflict, style: Style): string[] {
  const only = (text: string | null, other: string | null) => {
    if (text === null) return ['nothing'];
    const theirLines = new Set(other?.split('\n'));
    return text
      .split('\n')
      .filter((line) => line !== '' && !theirLines.has(line))
      .map((line) => line.trim());
  };
  return [
    `${nameOf({ kind, name }, style)}:`,
    ...only(ours, theirs).map((line) => `  ours    ${line}`),
    ...only(theirs, ours).map((line) => `  theirs  ${line}`),
  ];
}

function nameOf({ kind, name }: Pick<ToldConflict, 'kind' | 'name'>, style: Style): string {
  return kind === 'data' ? style.path(name) : `stage ${name}`;
}
