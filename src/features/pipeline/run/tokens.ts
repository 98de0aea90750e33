import { invalidFile } from '../../../core/errors.ts';
import { didYouMean } from '../../../core/nearest.ts';
import type { Stage } from '../../../core/stage.ts';

type Needs = Pick<Stage, 'resources' | 'mutex'>;

/** What the stages that run at once share: counted resources, and words of which each is held once. */
export class Tokens {
  readonly #free: Map<string, number>;
  readonly #words = new Set<string>();

  constructor(resources: Readonly<Record<string, number>>) {
    this.#free = new Map(Object.entries(resources));
  }

  /** Takes all that a stage needs, or nothing. */
  take({ resources, mutex }: Needs): boolean {
    const wanted = Object.entries(resources);
    if (mutex.some((word) => this.#words.has(word))) return false;
    if (wanted.some(([name, count]) => count > (this.#free.get(name) ?? 0))) return false;
    for (const word of mutex) this.#words.add(word);
    for (const [name, count] of wanted) this.#free.set(name, (this.#free.get(name) ?? 0) - count);
    return true;
  }

  giveBack({ resources, mutex }: Needs): void {
    for (const word of mutex) this.#words.delete(word);
    for (const [name, count] of Object.entries(resources)) this.#free.set(name, (this.#free.get(name) ?? 0) + count);
  }
}

/** Fails on a stage that could never run, as it wants what there is not, or more than there is. */
export function checkResources(stages: readonly Stage[], resources: Readonly<Record<string, number>>): void {
  const problems = stages.flatMap(({ name, place, resources: wanted }) =>
    Object.entries(wanted).flatMap(([resource, count]) => {
      const there = Object.hasOwn(resources, resource) ? (resources[resource] ?? 0) : 0;
      if (count <= there) return [];
      const message =
        there === 0
          ? `The stage "${name}" needs the resource "${resource}", and no "resources:" at the top says how much there is of it${didYouMean(resource, Object.keys(resources))}`
          : `The stage "${name}" needs ${count} of "${resource}", of which there are only ${there}.`;
      return [{ ...place, message }];
    }),
  );
  if (problems.length > 0) throw invalidFile(problems);
}
