import type { Stage } from '../../core/stage.ts';
import type { Decoder } from './decode.ts';
import { emptyMap } from './flow.ts';
import type { YamlField } from './yaml-node.ts';

/** The keys of a stage that say when and for how long it may run. None of them is part of what it makes. */
export const LIMIT_KEYS: readonly string[] = ['resources', 'mutex'];

const WORD = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** What a stage says of when it may run. */
export function decodeLimits(
  fields: ReadonlyMap<string, YamlField>,
  decoder: Decoder,
): Pick<Stage, 'resources' | 'mutex'> {
  return {
    resources: decodeResources(fields.get('resources'), decoder) ?? {},
    mutex: [...new Set(decoder.texts(fields.get('mutex')))],
  };
}

/** Counts by name: how many tokens there are, or how many a stage holds. */
export function decodeResources(
  field: YamlField | undefined,
  decoder: Decoder,
): Readonly<Record<string, number>> | undefined {
  if (field === undefined) return undefined;
  const counts = emptyMap<number>();
  for (const one of decoder.map(field.value, '"resources"')?.fields ?? []) {
    if (!WORD.test(one.key)) {
      decoder.problem(
        one.at,
        `The resource's name ${JSON.stringify(one.key)} may hold letters, digits and _ . - only.`,
      );
      continue;
    }
    const count = decoder.count(one);
    if (count !== undefined) counts[one.key] = count;
  }
  return counts;
}
