import { statSync } from 'node:fs';
import { join } from 'node:path';
import { compareCodePoints } from '../../../core/value.ts';
import type { Project } from '../../../project/project.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import { digestFile } from '../../../system/hash.ts';
import type { LinkType } from '../../../system/link-file.ts';
import { lookAt } from '../../../system/list-files.ts';
import { coverOf } from '../add/cover.ts';
import { lockfileAt, revisionOf } from '../lockfile-at.ts';
import { measureOwnSteps } from '../measure.ts';
import { withPaths } from '../output-lease.ts';
import type { Measured } from '../scan/scan.ts';
import { isKeptInGit, selectPaths } from '../select.ts';
import { inTurns, openWorkspace, type Steps, type Workspace } from '../workspace.ts';

/** Gives files the kind of link that the configuration asks for now. What is not in the cache stays as it is. Returns the files. */
export async function relinkPaths(
  project: Project,
  targets: readonly string[],
  { rev, dryRun }: { readonly rev: string | null; readonly dryRun: boolean },
): Promise<string[]> {
  const lockfile = await lockfileAt(project, await revisionOf(project, rev));
  const workspace = { ...(await openWorkspace(project)), dryRun };
  const selected = selectPaths(lockfile, await project.pipeline(), targets, project);
  const relinked: string[] = [];
  try {
    for (const [path, { inside }] of selected) {
      if (isKeptInGit(lockfile, path)) continue;
      const have = await inTurns(measureOwnSteps(workspace, path), 'verify', project);
      const files = have === undefined ? [] : [...filesIn(path, have)];
      const wanted = files.filter(
        (file) => file.path === path || coverOf(file.path.slice(path.length + 1), inside ?? null) === 'all',
      );
      const steps = () => inTurns(relinkEach(workspace, wanted, project.config.cache.link[0]), 'checkout', project);
      relinked.push(...(await withPaths(project, [path], steps)));
    }
  } finally {
    workspace.index.save();
  }
  return relinked.sort(compareCodePoints);
}

interface File {
  readonly path: string;
  readonly measured: Measured;
}

function* filesIn(path: string, measured: Measured): Iterable<File> {
  if (measured.children === null && measured.kind !== 'symlink') yield { path, measured };
  for (const child of measured.children ?? []) yield* filesIn(`${path}/${child.name}`, child);
}

function* relinkEach(
  { root, cache, index, dryRun }: Workspace & { readonly dryRun: boolean },
  files: readonly File[],
  link: LinkType | undefined,
): Steps<string[]> {
  const done: string[] = [];
  for (const { path, measured } of files) {
    const { digest, kind, size } = measured;
    const absolute = join(root, path);
    if (cache.has(digest) && !isLinkedSo(cache, absolute, measured, link) && isStill(absolute, measured)) {
      if (!dryRun) index.recordWritten(path, cache.checkoutFile(digest, absolute, kind === 'executable'), digest);
      done.push(path);
    }
    yield size;
  }
  return done;
}

/** Whether a file is what a checkout would make of it now. A clone cannot be told from a copy, and is made again. */
function isLinkedSo(cache: Cache, absolute: string, { digest, kind }: Measured, link: LinkType | undefined): boolean {
  const stat = lookAt(absolute);
  if (link === 'reflink') return false;
  const sharesBytes = (link === 'hardlink' || link === 'symlink') && kind !== 'executable';
  if (sharesBytes && link === 'symlink') return stat?.isSymbolicLink() === true;
  if (!sharesBytes) return stat?.isSymbolicLink() === false && stat.nlink === 1;
  const object = cache.pathOf(digest);
  return object === undefined || statSync(object, { throwIfNoEntry: false })?.ino === stat?.ino;
}

/** Read at the last moment: what was changed since it was looked at is not replaced. */
function isStill(absolute: string, { digest }: Measured): boolean {
  return digestFile(absolute).digest === digest;
}
