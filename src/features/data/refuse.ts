import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathProblem } from '../../core/entry-name.ts';
import { MlopsError } from '../../core/errors.ts';
import type { Lockfile } from '../../core/lockfile.ts';
import { didYouMean } from '../../core/nearest.ts';
import { foldersAbove } from '../../core/overlap.ts';
import { shellWord } from '../../core/shell-word.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import type { Project } from '../../project/project.ts';
import { findRoot } from '../../project/root.ts';
import { linkAbove } from '../../system/link-above.ts';
import { ignoringRule, lookAt } from '../../system/list-files.ts';
import { PathOwners } from '../../stores/documents/path-owners.ts';
import { projectPathOf } from './select.ts';

/** A path to add: tracked by itself, or inside a folder that is. */
export interface Addition {
  readonly path: string;
  /** The tracked path it belongs to; the path itself when it is its own. */
  readonly top: string;
  /** Gone from the workspace: it is taken out of its folder. */
  readonly isGone: boolean;
}

/** What is to be added, once nothing speaks against any of it. The first reason that does, is the error. */
export async function planAdditions(
  project: Project,
  lockfile: Lockfile,
  pipeline: Pipeline,
  { paths, force }: { readonly paths: readonly string[]; readonly force: boolean },
): Promise<Addition[]> {
  const additions = new Map<string, Addition>();
  const outputs = ownersOfOutputs(pipeline);
  const data = ownersOfData(lockfile);
  for (const typed of paths) {
    const path = projectPathOf(typed, project);
    refuseName(typed, path);
    const top = owner(path, lockfile);
    if (!Object.hasOwn(lockfile.data, top)) refuseElsewhere(project.root, path);
    const isGone = refuseKind(project.root, path, top);
    refuseIgnored(project.root, path);
    refuseOutput(path, outputs);
    if (top === path) refuseOverlap(path, data);
    additions.set(path, { path, top, isGone });
  }
  refuseEachOther([...additions.keys()]);
  if (!force) await refuseTrackedByGit(project, [...additions.keys()]);
  return [...additions.values()];
}

/** Fails when data cannot be at a path where nothing is yet: its name, a link or an ignore rule on the way, another owner, or Git. */
export async function refuseNewPlace(
  project: Project,
  typed: string,
  lockfile: Lockfile,
  pipeline: Pipeline,
): Promise<void> {
  const path = projectPathOf(typed, project);
  refuseName(typed, path);
  refuseLinkOnTheWay(project.root, path);
  const file = foldersAbove(path).find((at) => lookAt(join(project.root, at))?.isDirectory() === false);
  if (file !== undefined) throw new MlopsError('usage', `${file} is a file, so nothing can be put into it.`);
  refuseElsewhere(project.root, path);
  refuseIgnored(project.root, path);
  refuseOutput(path, ownersOfOutputs(pipeline));
  refuseOverlap(path, ownersOfData(lockfile));
  await refuseTrackedByGit(project, [path]);
}

function ownersOfOutputs({ stages }: Pipeline): PathOwners {
  return new PathOwners(stages.flatMap(({ name, outputs }) => outputs.map(({ path }) => [path, name])));
}

function ownersOfData({ data }: Lockfile): PathOwners {
  return new PathOwners(Object.keys(data).map((path) => [path, path]));
}

function refuseName(typed: string, path: string): void {
  if (path === '.') {
    throw new MlopsError('usage', `${typed} is the whole project, code and all.`, { hint: 'mlops add <folder>' });
  }
  const problem = pathProblem(path);
  if (problem !== null) throw new MlopsError('usage', `${typed} cannot be tracked: ${problem}.`);
}

/** Fails for what lies in another project, or in a Git repository that is not the project's: it is tracked there or nowhere. */
function refuseElsewhere(root: string, path: string): void {
  // Below a file is nothing, and that is told elsewhere.
  if (lookAt(join(root, dirname(path)))?.isDirectory() === false) return;
  const own = findRoot(join(root, dirname(path)));
  if (own !== null && own !== root) {
    const folder = own.slice(root.length + 1);
    throw new MlopsError('usage', `${path} lies in the project ${folder}, which keeps its own data.`, {
      hint: (word) => `mlops -C ${word(folder)} add ${shellWord(path.slice(folder.length + 1))}`,
    });
  }
  const repository = foldersAbove(path).find((folder) => lookAt(join(root, folder, '.git')) !== undefined);
  if (repository === undefined) return;
  throw new MlopsError('usage', `${path} lies in ${repository}, a Git repository of its own.`, {
    hint: (word) => `Make that a project, and track it there: mlops -C ${word(repository)} init`,
  });
}

/** The tracked folder that a path lies in, or the path itself. */
function owner(path: string, { data }: Lockfile): string {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    if (Object.hasOwn(data, at) && (at === path || data[at]?.kind === 'tree')) return at;
  }
  return path;
}

/** Fails when a path leads through a link: what is behind it is not the project's. */
export function refuseLinkOnTheWay(root: string, path: string): void {
  const folder = linkAbove(root, path);
  if (folder === undefined) return;
  throw new MlopsError('usage', `${path} leads through the symbolic link ${folder}.`, {
    hint: 'Name the real path, if it is inside the project.',
  });
}

function refuseKind(root: string, path: string, top: string): boolean {
  refuseLinkOnTheWay(root, path);
  const absolute = join(root, path);
  const stat = lookAt(absolute);
  if (stat === undefined) {
    if (top !== path) return true;
    throw new MlopsError('usage', `There is no ${path}${didYouMean(basename(absolute), namesBeside(absolute))}`, {
      hint: 'Name a file or folder that is there.',
    });
  }
  if (!stat.isSymbolicLink()) return false;
  const target = statSync(absolute, { throwIfNoEntry: false });
  if (target?.isFile()) return false;
  const what = target === undefined ? 'nothing that is there' : 'a folder';
  throw new MlopsError('usage', `${path} is a symbolic link to ${what}.`, { hint: 'Add what it points to.' });
}

function refuseIgnored(root: string, path: string): void {
  const found = ignoringRule(root, path);
  if (found === undefined) return;
  throw new MlopsError('usage', `${path} is ignored by the line "${found.rule}" of ${found.file}.`, {
    hint: `Change that line, or add \`!/${path}\` below it.`,
  });
}

function refuseOutput(path: string, outputs: PathOwners): void {
  const found = outputs.overlapping(path);
  if (found === undefined) return;
  const relation = found.path === path ? 'is' : found.path.startsWith(`${path}/`) ? 'holds' : 'lies in';
  throw new MlopsError('usage', `${path} ${relation} an output of the stage "${found.owner}" (${found.path}).`, {
    hint: `It is tracked by its stage, which can make it (mlops repro ${found.owner}) or take it as it is (mlops commit ${found.owner}).`,
  });
}

function refuseOverlap(path: string, data: PathOwners): void {
  const other = data.overlapping(path)?.path;
  if (other === undefined || other === path) return;
  throw new MlopsError('usage', `${path} and ${other} overlap, and ${other} is tracked already.`, {
    hint: (word) => `A path has one owner. Stop tracking the other first, its bytes stay: mlops remove ${word(other)}`,
  });
}

function refuseEachOther(paths: readonly string[]): void {
  const seen = new PathOwners([]);
  for (const path of paths) {
    const other = seen.overlapping(path)?.path;
    if (other !== undefined) {
      throw new MlopsError('usage', `${path} and ${other} overlap.`, { hint: 'Name one of them.' });
    }
    seen.add(path, path);
  }
}

async function refuseTrackedByGit({ git }: Project, paths: readonly string[]): Promise<void> {
  const [tracked] = (await git?.trackedAmong(paths)) ?? [];
  if (tracked === undefined) return;
  throw new MlopsError('refused', `${tracked} is tracked by Git, or has files that are.`, {
    hint: (word) => `Take it out of Git, the files stay: git rm -r --cached -- ${word(tracked)}`,
  });
}

function namesBeside(absolute: string): string[] {
  const folder = dirname(absolute);
  return lookAt(folder)?.isDirectory() ? readdirSync(folder) : [];
}
