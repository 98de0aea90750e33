import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { MlopsError } from '../../../core/errors.ts';
import type { Project } from '../../../project/project.ts';
import { fileError } from '../../../system/file-error.ts';
import { lookAt } from '../../../system/list-files.ts';
import { copyPath, movePath } from '../../../system/move-path.ts';
import { type AddedPath, addPaths, type AddRequest, type AddResult } from './add.ts';
import { copySource, firstInside } from './copy-source.ts';
import { measurePath } from '../measure.ts';
import { planAdditions, refuseNewPlace } from '../refuse.ts';
import { projectPathOf } from '../select.ts';

/** What `add --out` was asked: one path from anywhere, and where in the project its copy goes. Both as typed. */
export interface AddCopyRequest extends AddRequest {
  readonly out: string;
}

/** Copies a file or folder into the project, whole or not at all, and tracks the copy. What is there is not overwritten without force. */
export async function addCopy(project: Project, { out, ...request }: AddCopyRequest): Promise<AddResult> {
  const [from, ...more] = request.paths;
  if (from === undefined || more.length > 0) {
    throw new MlopsError('usage', '--out is the place of one path, and several are named.');
  }
  const path = projectPathOf(out, project);
  const target = join(project.root, path);
  await refusePlace(project, path, request.force);
  const source = copySource(project, from, target);
  const arriving = join(project.layout.tmp, `${process.pid}.${randomUUID()}`);
  try {
    mkdirSync(project.layout.tmp, { recursive: true });
    copyPath(source, arriving);
    if (request.dryRun) return { added: [await wouldAdd(project, path, arriving)], unchanged: [], changedFiles: [] };
    return await inPlace(project, arriving, target, () => addPaths(project, { ...request, paths: [target] }));
  } catch (error) {
    throw fileError(error, `copy ${from} to ${path}`);
  } finally {
    rmSync(arriving, { recursive: true, force: true });
  }
}

/** Fails when data cannot arrive at a project path: everything that speaks against a place speaks before anything is touched; force is about what lies there alone. */
export async function refusePlace(project: Project, path: string, force: boolean): Promise<void> {
  const target = join(project.root, path);
  const lockfile = project.readLockfile();
  const pipeline = await project.pipeline();
  if (lookAt(target) === undefined) return refuseNewPlace(project, target, lockfile, pipeline);
  await planAdditions(project, lockfile, pipeline, { paths: [target], force: false });
  if (!force) {
    throw new MlopsError('refused', `${path} is there already, and is not overwritten.`, {
      hint: 'Choose another name with --out, or say --force.',
    });
  }
  const repository = firstInside(target, ({ name }) => name === '.git');
  if (repository === undefined) return;
  throw new MlopsError('refused', `${path} holds a Git repository, which is kept nowhere else.`, {
    hint: 'Move it away first, or choose another name with --out.',
  });
}

/** Puts what has arrived into its place for as long as the work does not fail; then what was there is there again. */
function inPlace<T>(project: Project, arriving: string, target: string, work: () => Promise<T>): Promise<T> {
  return inPlaceOf(project, target, () => {
    movePath(arriving, target);
    return work();
  });
}

/** Does work that puts something at a project path or absolute one, with what was there moved aside; it is there again when the work fails. */
export async function inPlaceOf<T>({ root, layout }: Project, path: string, work: () => Promise<T>): Promise<T> {
  const target = resolve(root, path);
  const aside = join(layout.tmp, `${process.pid}.${randomUUID()}.before`);
  const isTaken = lookAt(target) !== undefined;
  if (isTaken) movePath(target, aside);
  const result = await attempt();
  rmSync(aside, { recursive: true, force: true });
  return result;

  async function attempt(): Promise<T> {
    try {
      return await work();
    } catch (error) {
      rmSync(target, { recursive: true, force: true });
      if (isTaken) movePath(aside, target);
      throw error;
    }
  }
}

async function wouldAdd(project: Project, path: string, copy: string): Promise<AddedPath> {
  const at = relative(project.root, copy).split(sep).join('/');
  const measured = await measurePath(project, at);
  (await project.index()).forget(at);
  if (measured === undefined) throw new MlopsError('failed', `${path} vanished while it was read.`);
  const { digest, size } = measured;
  return { path, digest, size, files: measured.kind === 'tree' ? measured.files : null };
}
