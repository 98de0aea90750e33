import { type Revision, revisionName } from '../../core/revision.ts';
import { type Json, toJson, type Value } from '../../core/value.ts';
import type { Project } from '../../project/project.ts';
import { readValues, type RevisionValues, type Subject } from './read.ts';
import { resolveNames, toPaths } from './revisions.ts';

/** Which revisions to show: names as typed, sets of commits, or, with neither, the workspace. */
export interface ShowRequest {
  readonly revisions: readonly string[];
  readonly all: readonly ('branches' | 'tags' | 'commits')[];
  /** As typed, relative to the current folder; none for all that the pipeline names. */
  readonly paths: readonly string[];
}

/** The document of `metrics show` and `params show`. */
export interface ShowResult {
  readonly revisions: readonly {
    readonly revision: string;
    readonly commit: string | null;
    readonly files: readonly { readonly file: string; readonly values: Readonly<Record<string, Json>> }[];
    readonly errors: readonly { readonly file: string; readonly message: string }[];
  }[];
}

/** The numbers that stages wrote, at each revision. */
export function showMetrics(project: Project, request: ShowRequest): Promise<ShowResult> {
  return show(project, request, 'metrics');
}

/** The values that stages read, at each revision. */
export function showParams(project: Project, request: ShowRequest): Promise<ShowResult> {
  return show(project, request, 'params');
}

async function show(project: Project, request: ShowRequest, subject: Subject): Promise<ShowResult> {
  const paths = toPaths(project, request.paths);
  const revisions = await revisionsOf(project, request);
  const values: RevisionValues[] = [];
  for (const revision of revisions) values.push(await readValues(project, revision, subject, paths));
  const found = new Set(values.flatMap(({ files }) => files.map(({ file }) => file)));
  return { revisions: values.map((each) => toDocument(each, found)) };
}

async function revisionsOf(project: Project, { revisions, all }: ShowRequest): Promise<Revision[]> {
  const names = [...revisions];
  for (const set of all) names.push(...((await project.git?.names(set)) ?? []));
  if (revisions.length === 0 && all.length === 0) names.push('workspace');
  return resolveNames(project, names);
}

/** A file that another revision has is only absent at this one, which is no mistake. */
function toDocument(
  { revision, files, errors }: RevisionValues,
  found: ReadonlySet<string>,
): ShowResult['revisions'][number] {
  const mistakes = errors.filter(({ file, absent }) => !absent || !found.has(file));
  return {
    revision: revisionName(revision),
    commit: revision.type === 'commit' ? revision.sha : null,
    files: files.map(({ file, values }) => ({ file, values: toJsonMap(values) })),
    errors: mistakes.map(({ file, message }) => ({ file, message })),
  };
}

function toJsonMap(values: Readonly<Record<string, Value>>): Record<string, Json> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toJson(value)]));
}
