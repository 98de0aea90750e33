import { dirname, join } from 'node:path';
import { foldersAbove } from '../../../core/overlap.ts';
import { lookAt } from '../../../system/list-files.ts';
import { type CheckoutDone, type CheckoutPlace, notAFolder } from './place.ts';
import { mayLose } from './may-lose.ts';
import { type CheckoutPlan, type CheckoutStep, NOT_IN_CACHE } from './plan.ts';
import type { Steps } from '../workspace.ts';

/** Says what carrying out a plan would do, and does nothing. */
export function* pretendCheckout(place: CheckoutPlace, plan: CheckoutPlan, done: CheckoutDone): Steps<void> {
  const blocked: string[] = [];
  const cleared = new Set<string>();
  done.failed.push(...plan.failed);
  for (const step of [...plan.clear, ...plan.create, ...plan.link, ...plan.remove]) {
    if (blocked.some((path) => step.path === path || step.path.startsWith(`${path}/`))) continue;
    const outcome = outcomeOf(step);
    if (outcome === 'kept' || outcome === 'failed') blocked.push(step.path);
    if (outcome === 'deleted') cleared.add(step.path);
    if (outcome !== 'failed' && outcome !== null) done[outcome].push(step.path);
    yield 0;
  }

  function outcomeOf(step: CheckoutStep): 'added' | 'modified' | 'deleted' | 'kept' | 'failed' | null {
    switch (step.type) {
      case 'make-folder':
        if (isBehindSomething(step.path)) return fail(step.path, notAFolder(dirname(step.path)));
        return step.isEmpty ? 'added' : null;
      case 'remove-folder':
        return step.isEmpty ? 'deleted' : null;
      case 'set-mode':
        return 'modified';
      case 'delete':
        return mayLose(place, step.path, step.had, null) ? 'deleted' : 'kept';
      case 'write':
        if (isBehindSomething(step.path)) return fail(step.path, notAFolder(dirname(step.path)));
        if (step.had !== null && !mayLose(place, step.path, step.had, step.entry)) return 'kept';
        if (!place.cache.has(step.entry.digest)) return plan.allowMissing ? null : fail(step.path, NOT_IN_CACHE);
        return step.had === null ? 'added' : 'modified';
    }
  }

  function fail(path: string, reason: string): 'failed' {
    done.failed.push({ path, reason });
    return 'failed';
  }

  /** Whether something above a path is no folder, and would not make way. */
  function isBehindSomething(path: string): boolean {
    return foldersAbove(path).some(
      (folder) => !cleared.has(folder) && lookAt(join(place.root, folder))?.isDirectory() === false,
    );
  }
}
