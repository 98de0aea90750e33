import { randomUUID } from 'node:crypto';
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import type { Project } from '../../project/project.ts';
import { fileError } from '../../system/file-error.ts';
import { lookAt } from '../../system/list-files.ts';
import { copyPath, movePath } from '../../system/move-path.ts';
import { type AddedPath, addPaths, type AddRequest, type AddResult } from './add.ts';
import { measurePath } from './measure.ts';
import { refuseNewPlace } from './refuse.ts';
import { projectPathOf } from './select.ts';

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
  if (lookAt(resolve(project.cwd, from)) === undefined) throw new MlopsError('usage', `There is no ${from}.`);
  if (lookAt(target) === undefined) refuseNewPlace(project, out, project.readLockfile(), await project.pipeline());
  else if (!request.force) {
    throw new MlopsError('refused', `${path} is there already, and is not overwritten.`, {
      hint: 'Choose another name with --out, or say --force.',
    });
  }
  const source = realpathSync(resolve(project.cwd, from));
  const arriving = join(project.layout.tmp, `${process.pid}.${randomUUID()}`);
  try {
    mkdirSync(project.layout.tmp, { recursive: true });
    copyPath(source, arriving);
    if (request.dryRun) return { added: [await wouldAdd(project, path, arriving)], unchanged: [], changedFiles: [] };
    rmSync(target, { recursive: true, force: true });
    movePath(arriving, target);
  } catch (error) {
    throw fileError(error, `copy ${from} to ${path}`);
  } finally {
    rmSync(arriving, { recursive: true, force: true });
  }
  return addPaths(project, { ...request, paths: [target] });
}

async function wouldAdd(project: Project, path: string, copy: string): Promise<AddedPath> {
  const at = relative(project.root, copy).split(sep).join('/');
  const measured = await measurePath(project, at);
  (await project.index()).forget(at);
  if (measured === undefined) throw new MlopsError('failed', `${path} vanished while it was read.`);
  const { digest, size } = measured;
  return { path, digest, size, files: measured.kind === 'tree' ? measured.files : null };
}
