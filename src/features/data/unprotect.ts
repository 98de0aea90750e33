import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import { compareCodePoints } from '../../core/value.ts';
import type { Project } from '../../project/project.ts';
import { fileError } from '../../system/file-error.ts';
import { lookAt } from '../../system/list-files.ts';
import { measureOwnSteps } from './measure.ts';
import { withPaths } from './output-lease.ts';
import { refuseLinkOnTheWay } from './refuse.ts';
import type { Measured } from './scan.ts';
import { projectPathOf } from './select.ts';
import { inTurns, openWorkspace, type Steps, type Workspace } from './workspace.ts';

/** The document of `unprotect`: single files, also inside folders. */
export interface UnprotectResult {
  /** Copies of their own now. */
  readonly unprotected: readonly string[];
  /** How many were no links. */
  readonly unchanged: number;
}

/** What `unprotect` was asked. */
export interface UnprotectRequest {
  /** As typed: relative to the current folder. */
  readonly paths: readonly string[];
  readonly dryRun: boolean;
}

/** Gives files that are links into the cache bytes of their own, so that they can be changed. */
export async function unprotectPaths(project: Project, { paths, dryRun }: UnprotectRequest): Promise<UnprotectResult> {
  const workspace = await openWorkspace(project);
  const unprotected: string[] = [];
  let unchanged = 0;
  try {
    for (const path of new Set(paths.map((typed) => projectPathOf(typed, project)))) {
      refuseLinkOnTheWay(project.root, path);
      const found = await inTurns(measureOwnSteps(workspace, path), 'verify', project);
      if (found === undefined) throw new MlopsError('usage', `There is no ${path}.`, { hint: 'mlops checkout' });
      const files = [...filesIn(path, found)];
      const linked = files.filter((file) => isLinkIntoCache(workspace, file));
      unchanged += files.length - linked.length;
      if (!dryRun) {
        await withPaths(project, [path], () => inTurns(copyEach(project, workspace, linked), 'checkout', project));
      }
      unprotected.push(...linked.map((file) => file.path));
    }
  } finally {
    workspace.index.save();
  }
  return { unprotected: unprotected.sort(compareCodePoints), unchanged };
}

interface File {
  readonly path: string;
  readonly measured: Measured;
}

function* filesIn(path: string, measured: Measured): Iterable<File> {
  if (measured.children === null) yield { path, measured };
  for (const child of measured.children ?? []) yield* filesIn(`${path}/${child.name}`, child);
}

/** A link that the user made has its reasons; one into the cache would change an object with the file. */
function isLinkIntoCache({ root, cache }: Workspace, { path, measured }: File): boolean {
  const absolute = join(root, path);
  const stat = lookAt(absolute);
  if (stat === undefined || measured.kind === 'symlink') return false;
  if (stat.isSymbolicLink()) {
    return existsSync(cache.dir) && realpathSync(absolute).startsWith(realpathSync(cache.dir) + sep);
  }
  const object = stat.nlink > 1 ? cache.pathOf(measured.digest) : undefined;
  const other = object === undefined ? undefined : statSync(object, { throwIfNoEntry: false });
  return other?.ino === stat.ino && other.dev === stat.dev;
}

function* copyEach({ layout }: Project, { root, index }: Workspace, files: readonly File[]): Steps<void> {
  for (const { path, measured } of files) {
    const absolute = join(root, path);
    try {
      makeOwn(absolute, layout.tmp, measured.kind === 'executable');
    } catch (error) {
      throw fileError(error, `copy ${path}`, { bytes: measured.size });
    }
    const stat = lookAt(absolute);
    if (stat !== undefined) index.recordWritten(path, stat, measured.digest);
    yield measured.size;
  }
}

function makeOwn(absolute: string, tmp: string, executable: boolean): void {
  mkdirSync(tmp, { recursive: true });
  const folder = dirname(absolute);
  const isNear = statSync(tmp).dev === statSync(folder).dev;
  const temporary = isNear ? join(tmp, `${process.pid}.${randomUUID()}`) : join(folder, `.mlops-${randomUUID()}.tmp`);
  try {
    copyFileSync(absolute, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    chmodSync(temporary, (executable ? 0o777 : 0o666) & ~process.umask());
    renameSync(temporary, absolute);
  } finally {
    rmSync(temporary, { force: true });
  }
}
