import type { FreezeResult } from '../../features/pipeline/edit/freeze.ts';
import { editLines } from './stage-edit.ts';
import type { Style } from './style.ts';

/** What `freeze` and `unfreeze` did. */
export function renderFreeze(
  { stages, toAdd }: FreezeResult & { readonly toAdd: readonly string[] },
  { frozen, dryRun }: { readonly frozen: boolean; readonly dryRun: boolean },
  style: Style,
): string {
  const verb = frozen ? 'freeze' : 'unfreeze';
  const past = frozen ? 'Frozen' : 'Unfrozen';
  const names = (list: FreezeResult['stages']) => list.map(({ stage }) => stage).join(', ');
  const changed = stages.filter(({ changedFiles }) => changedFiles.length > 0);
  const same = stages.filter(({ changedFiles }) => changedFiles.length === 0);
  const sentences = [
    ...(changed.length === 0 ? [] : [`${dryRun ? `Would ${verb}` : style.good(past)}: ${names(changed)}.`]),
    ...(same.length === 0 ? [] : [`${past} already: ${names(same)}.`]),
  ];
  return editLines(changed, { sentence: sentences.join('\n'), dryRun, toAdd }, style);
}
