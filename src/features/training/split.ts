import type { SplitSettings } from '../../core/built-in/train.ts';
import { MlopsError } from '../../core/errors.ts';
import { type Column, textAt } from './csv/table.ts';
import { createRandom, shuffledOrder } from './random.ts';

/** Numbers of rows, in order, of each part. */
export interface Parts {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
  readonly test: Uint32Array;
}

/** Deals rows to the parts. `by`: the column whose values are spread evenly, for a stratified split. */
export function splitRows(rows: Uint32Array, settings: SplitSettings, by: Column): Parts {
  const random = createRandom(settings.seed, 'split');
  const groups = settings.type === 'stratified' ? groupRows(rows, by) : [[...rows]];
  const [trainShare, validationShare, testShare] = settings.fractions;
  const parts: Record<keyof Parts, number[]> = { train: [], validation: [], test: [] };

  // What rounding takes from one group is given back by the next, so that the parts have the sizes that were asked for.
  let owed = { validation: 0, test: 0 };
  for (const group of groups) {
    const order = shuffledOrder(group.length, random);
    const test = share(group.length, testShare, owed.test);
    const validation = share(group.length, validationShare, owed.validation);
    owed = {
      test: owed.test + group.length * testShare - test,
      validation: owed.validation + group.length * validationShare - validation,
    };
    // Every group is seen in training.
    const held = trainShare > 0 ? Math.min(test + validation, group.length - 1) : test + validation;
    const tested = Math.min(test, held);
    order.forEach((at, place) => {
      const part = place < tested ? 'test' : place < held ? 'validation' : 'train';
      parts[part].push(group[at] ?? 0);
    });
  }
  const sorted = (list: number[]) => Uint32Array.from(list).sort();
  const dealt = { train: sorted(parts.train), validation: sorted(parts.validation), test: sorted(parts.test) };
  checkParts(dealt, settings);
  return dealt;
}

function share(count: number, fraction: number, owed: number): number {
  return Math.max(0, Math.min(count, Math.round(count * fraction + owed)));
}

/** Rows by the value of a column, in the order in which values first occur. Rows without one are a group too. */
function groupRows(rows: Uint32Array, by: Column): number[][] {
  const groups = new Map<string | null, number[]>();
  for (const row of rows) {
    const value = textAt(by, row);
    const group = groups.get(value);
    if (group === undefined) groups.set(value, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

function checkParts(parts: Parts, { fractions }: SplitSettings): void {
  const names = ['train', 'validation', 'test'] as const;
  names.forEach((name, at) => {
    if (parts[name].length > 0 || (fractions[at] ?? 0) === 0) return;
    throw new MlopsError('invalid-data', `There are too few rows for a split: none is left for ${name}.`, {
      hint: 'Give more rows, or other fractions.',
    });
  });
}
