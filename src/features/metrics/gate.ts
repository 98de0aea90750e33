import type { Gate } from '../../core/pipeline.ts';

/** What a gate says of a value: `ok` is null when there is no value before to compare with. */
export interface GateResult {
  readonly metric: string;
  readonly ok: boolean | null;
  readonly message: string;
}

/** The values of one metric; undefined where there is none. */
export interface BeforeAndAfter {
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/** Holds values to thresholds, one result for each limit. Pure. */
export function evaluateGates(gates: readonly Gate[], valueOf: (metric: string) => BeforeAndAfter): GateResult[] {
  return gates.flatMap((gate) => evaluateGate(gate, valueOf(gate.metric)));
}

function evaluateGate(
  { metric, min, max, maxDrop, maxIncrease }: Gate,
  { before, after }: BeforeAndAfter,
): GateResult[] {
  const say = (ok: boolean | null, message: string): GateResult => ({ metric, ok, message });
  if (after === undefined) return [say(false, 'has no value')];
  if (!Number.isFinite(after)) return [say(false, `is ${after}, which is not a finite number`)];

  const results: GateResult[] = [];
  if (min !== null) results.push(say(after >= min, `is ${show(after)}, and has to be at least ${show(min)}`));
  if (max !== null) results.push(say(after <= max, `is ${show(after)}, and has to be at most ${show(max)}`));
  for (const [limit, sign, verb] of [
    [maxDrop, -1, 'fall'],
    [maxIncrease, 1, 'rise'],
  ] as const) {
    if (limit === null) continue;
    if (before === undefined || !Number.isFinite(before)) {
      results.push(say(null, `has no value before; it may ${verb} by ${limit} at most`));
      continue;
    }
    const allowed = typeof limit === 'string' ? (Math.abs(before) * Number.parseFloat(limit)) / 100 : limit;
    // 0.91 - 0.9 is a little more than 0.01 in binary.
    const tolerance = 1e-12 * Math.max(1, Math.abs(before), Math.abs(after));
    const moved = sign * (after - before);
    const ok = moved <= allowed + tolerance;
    results.push(say(ok, `went from ${show(before)} to ${show(after)}, and may ${verb} by ${limit} at most`));
  }
  return results;
}

function show(value: number): string {
  return String(Number(value.toPrecision(6)));
}
