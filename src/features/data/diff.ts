import { MlopsError } from '../../core/errors.ts';
import { type Revision, revisionName } from '../../core/revision.ts';
import type { EntryKind } from '../../core/tree.ts';
import { compareCodePoints } from '../../core/value.ts';
import type { Project } from '../../project/project.ts';
import { differences, type FileChange, type Node } from './differences.ts';
import { refuseUnknown } from './known-path.ts';
import { type DiffedFile, pairRenames, type Renames } from './renames.ts';
import { projectPathOf } from './select.ts';
import { stateAt } from './state-at.ts';
import { openWorkspace } from './workspace.ts';

/** The document of `diff`: files inside tracked folders one by one. */
export interface DiffResult extends Renames {
  readonly from: string;
  readonly to: string;
  readonly modified: readonly {
    readonly path: string;
    readonly before: DiffedSide;
    readonly after: DiffedSide;
  }[];
}

/** What a file is on one side. The bytes may be the same on both, and the kind another. */
export interface DiffedSide extends Omit<DiffedFile, 'path'> {
  readonly kind: EntryKind;
}

/** What `diff` was asked: up to two revisions as typed (`a..b` counts as two), and the paths that matter. */
export interface DiffRequest {
  readonly revisions: readonly string[];
  readonly paths: readonly string[];
}

/** Which tracked files differ between two revisions. Without one, it is HEAD against the workspace. */
export async function diffRevisions(project: Project, { revisions, paths }: DiffRequest): Promise<DiffResult> {
  const workspace = await openWorkspace(project);
  const [from, to] = await resolveBoth(project, revisions);
  try {
    const [before, after] = [await stateAt(project, workspace, from), await stateAt(project, workspace, to)];
    const chosen = paths.map((path) => projectPathOf(path, project));
    const sides = [
      { revision: from, state: before },
      { revision: to, state: after },
    ];
    for (const path of chosen) await refuseUnknown(project, path, sides);
    const changes: FileChange[] = [];
    for (const path of new Set([...before.keys(), ...after.keys()])) {
      changes.push(...compare(project, path, before.get(path), after.get(path)));
    }
    const isChosen = ({ path }: FileChange) =>
      chosen.length === 0 || chosen.some((one) => one === '.' || path === one || path.startsWith(`${one}/`));
    return { from: revisionName(from), to: revisionName(to), ...sortChanges(changes.filter(isChosen)) };
  } finally {
    workspace.index.save();
  }
}

async function resolveBoth(project: Project, typed: readonly string[]): Promise<[Revision, Revision]> {
  const names = typed.flatMap((name) => (/^.+\.\..+$/.test(name) && !name.includes('...') ? name.split('..') : [name]));
  if (names.length > 2) {
    throw new MlopsError('usage', `${names.length} revisions are named; a difference is between two.`, {
      hint: 'Paths come behind `--`: mlops diff main -- data/images',
    });
  }
  const [from = 'HEAD', to = 'workspace'] = names;
  return [await resolve(project, from), await resolve(project, to)];
}

async function resolve({ git, root }: Project, name: string): Promise<Revision> {
  if (name === 'workspace') return { type: 'workspace' };
  if (git !== null) return git.resolve(name);
  throw new MlopsError('no-git', `${root} is not in a Git repository, so it has no revision "${name}".`, {
    hint: 'git init',
  });
}

/** File by file; a folder whose trees are not here, as a whole. */
function compare(project: Project, path: string, before: Node | undefined, after: Node | undefined): FileChange[] {
  try {
    return [...differences(path, before, after)];
  } catch (error) {
    if (!(error instanceof MlopsError) || error.kind !== 'data-missing') throw error;
    project.report({
      type: 'warning',
      message: `${path} is compared as a whole: its list of files is not here.`,
      hint: 'mlops fetch',
    });
    return [{ path, before: before?.entry ?? null, after: after?.entry ?? null }];
  }
}

function sortChanges(changes: readonly FileChange[]): Omit<DiffResult, 'from' | 'to'> {
  const [added, deleted, modified]: [DiffedFile[], DiffedFile[], DiffResult['modified'][number][]] = [[], [], []];
  for (const { path, before, after } of changes) {
    if (before !== null && after !== null) {
      const [old, now] = [before, after].map(({ digest, size, kind }) => ({ digest, size, kind }));
      if (old !== undefined && now !== undefined) modified.push({ path, before: old, after: now });
    } else if (after !== null) added.push({ path, digest: after.digest, size: after.size });
    else if (before !== null) deleted.push({ path, digest: before.digest, size: before.size });
  }
  return { ...pairRenames(added.sort(byPath), deleted.sort(byPath)), modified: modified.sort(byPath) };
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return compareCodePoints(a.path, b.path);
}
