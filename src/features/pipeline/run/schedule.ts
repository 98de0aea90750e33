import type { Stage } from '../../../core/stage.ts';
import { Tokens } from './tokens.ts';

/** The stages to visit, in an order in which each comes after all that it reads. */
export interface Schedule {
  readonly stages: readonly Stage[];
  /** Stage → the stages that must be over before it begins; those that are not among `stages` do not count. */
  readonly upstream: ReadonlyMap<string, readonly string[]>;
  /** At once. */
  readonly jobs: number;
  readonly resources: Readonly<Record<string, number>>;
}

// How many visits may have been released and not be over.
const AHEAD = 64;

/**
 * Visits every stage once, several at once, each after all that it reads and while what it needs is free; of those that could
 * begin, the first in the order does. A visit that calls `release` has done what others wait for, though not yet all. When a
 * visit throws, no other begins, and the error comes out when the last one is over.
 */
export async function runSchedule(
  schedule: Schedule,
  visit: (stage: Stage, release: () => void) => Promise<void>,
): Promise<void> {
  const tokens = new Tokens(schedule.resources);
  const waitingFor = new Map<string, number>();
  const position = new Map(schedule.stages.map(({ name }, at) => [name, at]));
  const followers = new Map<string, Stage[]>(schedule.stages.map(({ name }) => [name, []]));
  for (const stage of schedule.stages) {
    const before = (schedule.upstream.get(stage.name) ?? []).filter((name) => position.has(name));
    waitingFor.set(stage.name, before.length);
    for (const name of before) followers.get(name)?.push(stage);
  }
  let ready = schedule.stages.filter(({ name }) => waitingFor.get(name) === 0);
  const running = new Set<string>();
  const visits = new Set<string>();
  let wake: () => void = () => undefined;
  const errors: unknown[] = [];

  async function visitAndRelease(stage: Stage): Promise<void> {
    try {
      await visit(stage, () => release(stage));
    } catch (error) {
      errors.push(error);
    }
    release(stage);
    visits.delete(stage.name);
    wake();
  }

  function release(stage: Stage): void {
    if (!running.delete(stage.name)) return;
    tokens.giveBack(stage);
    wake();
    const freed = (followers.get(stage.name) ?? []).filter(({ name }) => {
      const left = (waitingFor.get(name) ?? 0) - 1;
      waitingFor.set(name, left);
      return left === 0;
    });
    if (freed.length === 0) return;
    ready = [...ready, ...freed].toSorted((a, b) => (position.get(a.name) ?? 0) - (position.get(b.name) ?? 0));
  }

  for (;;) {
    const next = new Promise<void>((resolve) => (wake = resolve));
    while (running.size < schedule.jobs && visits.size < schedule.jobs + AHEAD && errors.length === 0) {
      const at = ready.findIndex((stage) => tokens.take(stage));
      const [stage] = at < 0 ? [] : ready.splice(at, 1);
      if (stage === undefined) break;
      running.add(stage.name);
      visits.add(stage.name);
      void visitAndRelease(stage);
    }
    if (visits.size === 0) break;
    await next;
  }
  if (errors.length > 0) throw errors[0];
}
