import type { StageOutcome, StageResult } from '../../core/run.ts';

// What a step must have done, read from the same documents that `--json` prints. Each gives null, or what is wrong.

type Check = (result: unknown) => string | null;

/** The list under a name has so many entries. */
export function has(name: string, count: number): Check {
  return (result) => {
    const list = field(result, name);
    const found = Array.isArray(list) ? list.length : 'no list';
    return found === count ? null : `"${name}" holds ${found} instead of ${count}`;
  };
}

/** Each named stage ended as said. */
export function outcomes(expected: Readonly<Record<string, StageOutcome>>): Check {
  return (result) => {
    const stages = field(result, 'stages');
    const found = new Map(
      Array.isArray(stages) ? stages.map((stage: StageResult) => [stage.stage, stage.outcome]) : [],
    );
    const wrong = Object.entries(expected).filter(([stage, outcome]) => found.get(stage) !== outcome);
    if (wrong.length === 0) return null;
    return wrong.map(([stage, outcome]) => `stage ${stage} is ${found.get(stage)} instead of ${outcome}`).join(', ');
  };
}

/** Exactly these stages ran. */
export function onlyRan(...stages: readonly string[]): Check {
  return outcomes(Object.fromEntries(stages.map((stage) => [stage, 'ran' as const])));
}

/** These stages came from the run cache. */
export function allRestored(...stages: readonly string[]): Check {
  return outcomes(Object.fromEntries(stages.map((stage) => [stage, 'restored' as const])));
}

/** `status` found nothing to do. */
export const clean: Check = (result) => (field(result, 'clean') === true ? null : 'the project is not clean');

/** `metrics diff` found a metric whose value moved. */
export const metricsMoved: Check = (result) => {
  const changes = field(result, 'changes');
  return Array.isArray(changes) && changes.length > 0 ? null : 'no metric changed';
};

function field(result: unknown, name: string): unknown {
  return typeof result === 'object' && result !== null ? Reflect.get(result, name) : undefined;
}
