import { join } from 'node:path';
import { foldersAbove } from '../../../core/overlap.ts';
import { lookAt } from '../../../system/list-files.ts';
import { type CheckoutDone, type CheckoutPlace, notAFolder } from './place.ts';
import { mayLose, unlosable } from './may-lose.ts';
import { type CheckoutFailure, type CheckoutPlan, type CheckoutStep, NOT_IN_CACHE } from './plan.ts';
import type { Steps } from '../workspace.ts';

/** Says what carrying out a plan would do, and does nothing. */
export function* pretendCheckout(place: CheckoutPlace, plan: CheckoutPlan, done: CheckoutDone): Steps<void> {
  const blocked: string[] = [];
  const cleared = new Set<string>();
  done.failed.push(...plan.failed);
  for (const { path, steps } of plan.clear) {
    const kept = unlosable(place, steps);
    if (kept.length > 0) blocked.push(path);
    done.kept.push(...kept);
  }
  for (const step of [...plan.clear.flatMap(({ steps }) => steps), ...plan.create, ...plan.link, ...plan.remove]) {
    if (blocked.some((path) => step.path === path || step.path.startsWith(`${path}/`))) continue;
    const outcome = outcomeOf(step);
    if (outcome === 'kept' || outcome === 'failed') blocked.push(step.path);
    if (outcome === 'deleted') cleared.add(step.path);
    if (outcome !== 'failed' && outcome !== null) done[outcome].push(step.path);
    yield 0;
  }

  function outcomeOf(step: CheckoutStep): 'added' | 'modified' | 'deleted' | 'kept' | 'failed' | null {
    const obstacle = step.type === 'write' || step.type === 'make-folder' ? onTheWay(step.path) : undefined;
    if (obstacle !== undefined) return fail(step.path, notAFolder(place.root, obstacle), 'refused');
    switch (step.type) {
      case 'make-folder':
        return step.isEmpty ? 'added' : null;
      case 'remove-folder':
        return step.isEmpty ? 'deleted' : null;
      case 'set-mode':
        return 'modified';
      case 'delete':
        return mayLose(place, step.path, step.had, null) ? 'deleted' : 'kept';
      case 'write':
        if (step.had !== null && !mayLose(place, step.path, step.had, step.entry)) return 'kept';
        if (!place.cache.has(step.entry.digest))
          return plan.allowMissing ? null : fail(step.path, NOT_IN_CACHE, 'data-missing');
        return step.had === null ? 'added' : 'modified';
    }
  }

  function fail(path: string, reason: string, kind: CheckoutFailure['kind']): 'failed' {
    done.failed.push({ path, reason, kind });
    return 'failed';
  }

  /** The outermost thing above a path that is no folder, and would not make way. */
  function onTheWay(path: string): string | undefined {
    return foldersAbove(path).findLast(
      (folder) => !cleared.has(folder) && lookAt(join(place.root, folder))?.isDirectory() === false,
    );
  }
}
