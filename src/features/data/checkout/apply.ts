import { chmodSync, lstatSync, mkdirSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { linkStaysInside } from '../../../core/entry-name.ts';
import { MlopsError } from '../../../core/errors.ts';
import type { TreeEntry } from '../../../core/tree.ts';
import { fileError } from '../../../system/file-error.ts';
import { lookAt } from '../../../system/list-files.ts';
import { removeFolder } from '../../../system/remove-folder.ts';
import { type CheckoutDone, type CheckoutPlace, notAFolder } from './place.ts';
import { digestNow, mayLose, unlosable } from './may-lose.ts';
import { type CheckoutPlan, type CheckoutStep, failureOf } from './plan.ts';
import type { Steps } from '../workspace.ts';

/** Carries out what was planned for one tracked path, and goes on past what cannot be done. */
export function* applyCheckout(place: CheckoutPlace, top: string, plan: CheckoutPlan, done: CheckoutDone): Steps<void> {
  const blocked: string[] = [];
  const folders = new Set<string>();
  done.failed.push(...plan.failed);
  for (const { path, steps } of plan.clear) {
    const kept = unlosable(place, steps);
    if (kept.length > 0) blocked.push(path);
    done.kept.push(...kept);
  }
  const phases = [plan.clear.flatMap(({ steps }) => steps), plan.create, plan.link, plan.remove];
  for (const steps of phases) {
    for (const step of steps) {
      if (blocked.some((path) => step.path === path || step.path.startsWith(`${path}/`))) continue;
      const block = () => blocked.push(step.path);
      try {
        if (!apply(step)) {
          done.kept.push(step.path);
          block();
        }
      } catch (error) {
        const told = fileError(error, `check out ${step.path}`);
        if (!(told instanceof MlopsError) || told.kind === 'no-space') throw told;
        block();
        if (told.kind === 'data-missing' && plan.allowMissing) continue;
        done.failed.push(failureOf(step.path, told));
      }
      yield step.type === 'write' ? step.entry.size : 0;
    }
  }

  function apply(step: CheckoutStep): boolean {
    const absolute = `${place.root}/${step.path}`;
    switch (step.type) {
      case 'make-folder':
        enter(dirname(step.path));
        if (lookAt(absolute) !== undefined) return lookAt(absolute)?.isDirectory() === true;
        mkdirSync(absolute);
        place.index.recordFolder(step.path);
        if (step.isEmpty) done.added.push(step.path);
        return true;
      case 'remove-folder':
        if (!isReal(step.path)) return true;
        if (!removeFolder(absolute)) return !phases[0]?.includes(step);
        folders.delete(step.path);
        place.index.forget(step.path);
        if (step.isEmpty) done.deleted.push(step.path);
        return true;
      case 'set-mode':
        enter(dirname(step.path));
        setMode(step.path, absolute, step.entry);
        done.modified.push(step.path);
        return true;
      case 'delete':
        if (!isReal(dirname(step.path)) || digestNow(place, step.path, step.had.kind) === undefined) return true;
        if (!mayLose(place, step.path, step.had, null)) return false;
        unlinkSync(absolute);
        place.index.forget(step.path);
        done.deleted.push(step.path);
        return true;
      case 'write':
        enter(dirname(step.path));
        if (step.had !== null && !mayLose(place, step.path, step.had, step.entry))
          return isDoneBySomeone(step.path, step.entry);
        if (!write(step.path, absolute, step.entry, step.had !== null || place.force)) {
          return isDoneBySomeone(step.path, step.entry);
        }
        (step.had === null ? done.added : done.modified).push(step.path);
        return true;
    }
  }

  /** False when something is in the way that was not there a moment ago. */
  function write(path: string, absolute: string, entry: TreeEntry, replaces: boolean): boolean {
    if (entry.kind === 'symlink') {
      if (!replaces && lookAt(absolute) !== undefined) return false;
      makeLink(path, absolute, entry);
      return true;
    }
    try {
      const stat = place.cache.checkoutFile(entry.digest, absolute, entry.kind === 'executable', replaces);
      place.index.recordWritten(path, stat, entry.digest);
      return true;
    } catch (error) {
      if (error instanceof MlopsError && error.kind === 'refused') return false;
      throw error;
    }
  }

  function setMode(path: string, absolute: string, entry: TreeEntry): void {
    const stat = lookAt(absolute);
    // A file that shares its permissions with the object in the cache gets bytes of its own.
    if (stat?.isFile() !== true || stat.nlink > 1) write(path, absolute, entry, true);
    else chmodSync(absolute, (entry.kind === 'executable' ? 0o777 : 0o666) & ~process.umask());
  }

  function makeLink(path: string, absolute: string, entry: TreeEntry): void {
    const target = Buffer.from(place.cache.readBytes(entry.digest)).toString('utf8');
    if (!linkStaysInside(path.slice(top.length + 1), target)) {
      throw new MlopsError('damaged', `It is a symbolic link that leads out of ${top}: ${JSON.stringify(target)}.`);
    }
    mkdirSync(place.tmp, { recursive: true });
    const temporary = join(place.tmp, randomUUID());
    symlinkSync(target, temporary);
    renameSync(temporary, absolute);
    place.index.recordWritten(path, lstatSync(absolute), entry.digest);
  }

  /** Makes sure that a folder of the project is one: real, and not a link to somewhere else. */
  function enter(folder: string): void {
    if (folder === '' || folder === '.' || folders.has(folder)) return;
    enter(dirname(folder));
    const absolute = join(place.root, folder);
    const stat = lookAt(absolute);
    if (stat === undefined) mkdirSync(absolute);
    else if (!stat.isDirectory()) throw new MlopsError('refused', notAFolder(place.root, folder));
    folders.add(folder);
  }

  /** Whether a folder is there, and real all the way: behind a link nothing is ever deleted. */
  function isReal(folder: string): boolean {
    if (folder === '.' || folders.has(folder)) return true;
    if (!isReal(dirname(folder)) || lookAt(join(place.root, folder))?.isDirectory() !== true) return false;
    folders.add(folder);
    return true;
  }

  /** Another checkout of the same may have been a moment faster. */
  function isDoneBySomeone(path: string, { digest, kind }: TreeEntry): boolean {
    return digestNow(place, path, kind) === digest;
  }
}
