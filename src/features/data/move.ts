import { linkSync, mkdirSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { MlopsError, systemCode } from '../../core/errors.ts';
import type { LockedData, Lockfile } from '../../core/lockfile.ts';
import { overlaps } from '../../core/overlap.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import { LOCKFILE, PIPELINE_FILE } from '../../project/layout.ts';
import type { Project } from '../../project/project.ts';
import { ignoreInGit } from '../../stores/git/ignore.ts';
import { fileError } from '../../system/file-error.ts';
import { lookAt } from '../../system/list-files.ts';
import { movePath } from '../../system/move-path.ts';
import { forGit } from './changed-files.ts';
import { letGitSee } from './let-git-see.ts';
import { entryOf, measureOwnSteps } from './measure.ts';
import { knowMoved } from './moved-rows.ts';
import { withPaths } from './output-lease.ts';
import { refuseLinkOnTheWay, refuseNewPlace } from './refuse.ts';
import { projectPathOf } from './select.ts';
import { trackedData } from './tracked.ts';
import { inTurns, openWorkspace, type Workspace } from './workspace.ts';

/** The document of `move`. */
export interface MoveResult {
  readonly from: string;
  readonly to: string;
  /** Stages that still read the old path. */
  readonly readers: readonly string[];
  /** What Git has to be told of: the lockfile, and each `.gitignore` that changed. */
  readonly changedFiles: readonly string[];
}

/** What `move` was asked: two paths as typed, relative to the current folder. A folder that is there takes the data into it. */
export interface MoveRequest {
  readonly from: string;
  readonly to: string;
  readonly dryRun: boolean;
}

/** Renames tracked data together with its entry. Nothing is ever overwritten, and killed in between it is finished by a second call. */
export async function movePaths(project: Project, request: MoveRequest): Promise<MoveResult> {
  const lockfile = project.readLockfile();
  const pipeline = await project.pipeline();
  const [from = '', ...more] = trackedData(lockfile, pipeline, [request.from], project);
  if (more.length > 0)
    throw new MlopsError('usage', `${request.from} names ${more.length + 1} paths; one can be moved.`);
  const to = placeFor(project, from, request.to);
  if (to === from) throw new MlopsError('usage', `${from} is there already.`);
  const { [from]: locked, ...others } = lockfile.data;
  if (locked === undefined) throw new MlopsError('failed', `${from} is no longer tracked.`);
  refuseLinkOnTheWay(project.root, from);
  await refuseNewPlace(project, join(project.root, to), { ...lockfile, data: others }, pipeline);
  refuseInside(from, to);

  const workspace = await openWorkspace(project);
  try {
    const isMoved = await isMovedAlready(project, workspace, { from, to, locked });
    const result = { from, to, readers: readersOf(from, pipeline) };
    if (request.dryRun) return { ...result, changedFiles: [] };
    const changedFiles = await withPaths(project, [from, to], () => carryOut(project, workspace, from, to, isMoved));
    warnOfNotes(project, pipeline, from, to);
    return { ...result, changedFiles };
  } finally {
    workspace.index.save();
  }
}

function placeFor(project: Project, from: string, typed: string): string {
  const to = projectPathOf(typed, project);
  const isFolder = lookAt(join(project.root, to))?.isDirectory() === true;
  if (!isFolder || to === from || lookAt(join(project.root, from)) === undefined) return to;
  return to === '.' ? basename(from) : `${to}/${basename(from)}`;
}

function refuseInside(from: string, to: string): void {
  if (!to.startsWith(`${from}/`)) return;
  throw new MlopsError('usage', `${from} cannot be moved into itself.`);
}

/** Whether all that is missing is the entry. Fails when anything else is at the new path. */
async function isMovedAlready(
  project: Project,
  workspace: Workspace,
  { from, to, locked }: { from: string; to: string; locked: LockedData },
): Promise<boolean> {
  if (lookAt(join(project.root, to)) === undefined) return false;
  const wanted = entryOf(basename(to), locked);
  if (lookAt(join(project.root, from)) === undefined) {
    const there = await inTurns(measureOwnSteps(workspace, to), 'verify', project);
    if (there?.digest === wanted.digest && there.kind === wanted.kind) return true;
  }
  throw new MlopsError('refused', `${to} is there already, and is not overwritten.`, {
    hint: 'Move it away first, or choose another name.',
  });
}

async function carryOut(
  project: Project,
  { index }: Workspace,
  from: string,
  to: string,
  isMoved: boolean,
): Promise<string[]> {
  const { root, git } = project;
  // Before the bytes are there, so that no `git add` catches them.
  const changed = git === null ? [] : await ignoreInGit(project, [to]);
  const isThere = lookAt(join(root, from)) !== undefined;
  if (isThere) {
    const settle = knowMoved(root, index, from, to);
    rename(join(root, from), join(root, to), to);
    settle();
  }
  changed.push(
    ...(await letGitSee(project, [from], () => project.updateLockfile((current) => renamed(current, from, to)))),
  );
  index.untrack(from);
  index.forget(from);
  if (isThere || isMoved) index.track(to);
  return forGit(project, [LOCKFILE, ...new Set(changed)]);
}

/** A file gets its new name before it loses the old one, which fails where something is; a folder never replaces one with files. */
function rename(from: string, to: string, name: string): void {
  try {
    mkdirSync(dirname(to), { recursive: true });
    if (lookAt(from)?.isFile() === true && linkUnlessTaken(from, to)) return unlinkSync(from);
    if (lookAt(to) !== undefined) throw new MlopsError('refused', `${name} is there already, and is not overwritten.`);
    movePath(from, to);
  } catch (error) {
    throw fileError(error, `move ${from} to ${to}`);
  }
}

function linkUnlessTaken(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') {
      throw new MlopsError('refused', `${to} is there already, and is not overwritten.`);
    }
    return false;
  }
}

function renamed(current: Lockfile, from: string, to: string): Lockfile {
  const { [from]: locked, ...others } = current.data;
  if (locked === undefined) throw new MlopsError('failed', `${from} is no longer tracked.`);
  if (Object.hasOwn(others, to)) throw new MlopsError('refused', `${to} is tracked already.`);
  return { ...current, data: { ...others, [to]: locked } };
}

function readersOf(path: string, { stages }: Pipeline): string[] {
  return stages
    .filter(({ dependencies, params }) =>
      [...dependencies, ...params.map(({ file }) => file)].some((one) => overlaps(one, path)),
    )
    .map(({ name }) => name);
}

function warnOfNotes({ report }: Project, { data }: Pipeline, from: string, to: string): void {
  if (!Object.hasOwn(data, from)) return;
  report({ type: 'warning', message: `${PIPELINE_FILE} has a note about ${from}.`, hint: `Call it ${to} there.` });
}
