import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import type { Digest } from '../../../core/digest.ts';
import type { EntryKind, TreeEntry } from '../../../core/tree.ts';
import { digestOf } from '../../../system/hash.ts';
import { lookAt } from '../../../system/list-files.ts';
import type { CheckoutPlace } from './place.ts';
import type { CheckoutStep } from './plan.ts';
import { measureOwnSteps } from '../measure.ts';
import type { Measured } from '../scan/scan.ts';
import type { Workspace } from '../workspace.ts';

/** Up to so many bytes a new file is made in place, so an unfinished one may be a part of what is wanted. */
export const LARGEST_UNFINISHED = 1024 * 1024;

/** Whether what is at a path is still what was measured, and is safe to lose: in the cache, part of what comes, or forced. */
export function mayLose(place: CheckoutPlace, path: string, had: Measured, coming: TreeEntry | null): boolean {
  if (place.force) return true;
  if (digestNow(place, path, had.kind) !== had.digest) return false;
  if (had.kind === 'symlink' && leadsInto(place.cache.dir, join(place.root, path))) return true;
  if (place.cache.isSound(had.digest)) return true;
  if (coming === null || coming.kind === 'symlink' || had.kind === 'symlink') return false;
  if (had.size >= coming.size || coming.size > LARGEST_UNFINISHED) return false;
  // In a dry run what comes is not here yet.
  if (place.cache.sizeOf(coming.digest) === undefined) return false;
  const wanted = place.cache.readBytes(coming.digest).subarray(0, had.size);
  return Buffer.from(wanted).equals(readFileSync(join(place.root, path)));
}

/** What would be deleted by some steps, and is not safe to lose. */
export function unlosable(place: CheckoutPlace, steps: readonly CheckoutStep[]): string[] {
  return steps.flatMap((step) =>
    step.type === 'delete' && !mayLose(place, step.path, step.had, null) ? [step.path] : [],
  );
}

/** The first thing in a folder that is no part of what was measured: ignored, or a Git repository's. */
export function firstUnmeasured(root: string, path: string, { children }: Measured): string | undefined {
  if (children === null) return undefined;
  const measured = new Map(children.map((child) => [child.name, child]));
  for (const name of readdirSync(join(root, path)).sort()) {
    const child = measured.get(name);
    const found = child === undefined ? `${path}/${name}` : firstUnmeasured(root, `${path}/${name}`, child);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What is at a path at this moment, when it is to be a file or link. */
export function digestNow(place: Workspace, path: string, kind: EntryKind): Digest | undefined {
  const absolute = join(place.root, path);
  if (kind === 'symlink' && lookAt(absolute)?.isSymbolicLink()) return digestOf(readlinkSync(absolute));
  const steps = measureOwnSteps(place, path);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value?.digest;
}

/** Whether a link is one that an earlier checkout made, whose object may be gone meanwhile. */
function leadsInto(folder: string, link: string): boolean {
  return resolve(dirname(link), readlinkSync(link)).startsWith(folder + sep);
}
