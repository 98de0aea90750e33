import type { Stage } from '../../core/stage.ts';
import type { Decoder } from './decode.ts';
import { emptyMap } from './flow.ts';
import type { YamlField } from './yaml-node.ts';

/** The keys of a stage that say when and for how long it may run. None of them is part of what it makes. */
export const LIMIT_KEYS: readonly string[] = ['timeout', 'retries', 'resources', 'mutex'];

const WORD = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** What a stage says of when it may run. */
export function decodeLimits(
  fields: ReadonlyMap<string, YamlField>,
  decoder: Decoder,
): Pick<Stage, 'timeoutMilliseconds' | 'retries' | 'resources' | 'mutex'> {
  return {
    timeoutMilliseconds: decodeTimeout(fields.get('timeout'), decoder) ?? null,
    retries: decodeRetries(fields.get('retries'), decoder) ?? 0,
    resources: decodeResources(fields.get('resources'), decoder) ?? {},
    mutex: [...new Set(decoder.texts(fields.get('mutex')))],
  };
}

// What a timer of the system can count, a little more than 24 days.
const LONGEST = 2 ** 31 - 1;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function decodeTimeout(field: YamlField | undefined, decoder: Decoder): number | undefined {
  if (field === undefined) return undefined;
  const { value } = field;
  const text = value.type === 'scalar' && typeof value.value === 'string' ? value.value : '';
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const milliseconds = Math.round(Number(amount) * (UNITS[unit] ?? 0));
  if (milliseconds > LONGEST) return decoder.problem(value.at, '"timeout" cannot be longer than 24d.');
  if (milliseconds >= 1) return milliseconds;
  return decoder.problem(value.at, '"timeout" has to be a time with its unit, such as 45s, 30m or 2h.');
}

function decodeRetries(field: YamlField | undefined, decoder: Decoder): number | undefined {
  const none = field?.value.type === 'scalar' && field.value.value === 0n;
  return none ? 0 : decoder.count(field);
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
