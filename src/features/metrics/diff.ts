import { revisionName } from '../../core/revision.ts';
import type { Project } from '../../project/project.ts';
import { compareValues, type FileValues, type ValueChange } from './compare.ts';
import { evaluateGates, type GateResult } from './gate.ts';
import { fileOf, readValues, type RevisionValues, type Subject } from './read.ts';
import type { ReadError } from './revision-state.ts';
import { resolveSides, toPaths } from './revisions.ts';

/** What to compare: up to two revisions as typed, and files. */
export interface DiffRequest {
  readonly revisions: readonly string[];
  readonly paths: readonly string[];
  /** Also values that are the same on both sides. */
  readonly all: boolean;
}

/** The document of `metrics diff` and `params diff`. */
export interface ValuesDiffResult {
  readonly from: string;
  readonly to: string;
  readonly changes: readonly ValueChange[];
  readonly gates: readonly GateResult[];
  readonly errors: readonly { readonly file: string; readonly revision: string; readonly message: string }[];
}

/** How the numbers that stages wrote moved between two revisions, and whether they still pass the gates. */
export function diffMetrics(project: Project, request: DiffRequest): Promise<ValuesDiffResult> {
  return diff(project, request, 'metrics');
}

/** How the values that stages read moved between two revisions. */
export function diffParams(project: Project, request: DiffRequest): Promise<ValuesDiffResult> {
  return diff(project, request, 'params');
}

async function diff(project: Project, request: DiffRequest, subject: Subject): Promise<ValuesDiffResult> {
  const paths = toPaths(project, request.paths);
  const [from, to] = await resolveSides(project, request.revisions);
  const before = await readValues(project, from, subject, paths);
  const after = await readValues(project, to, subject, paths);
  return {
    from: revisionName(from),
    to: revisionName(to),
    changes: compareValues(before.files, after.files, request.all),
    gates: subject === 'params' ? [] : holdToGates(before, after),
    errors: [...withRevision(before, after), ...withRevision(after, before)],
  };
}

/** What could not be read of a side, each with the side's name. A file that is new on the other side is no mistake. */
export function withRevision(side: RevisionValues, other: RevisionValues | null): ValuesDiffResult['errors'] {
  const isNew = ({ file, absent }: ReadError) => absent && other?.files.some((one) => one.file === file) === true;
  return side.errors
    .filter((error) => !isNew(error))
    .map(({ file, message }) => ({ file, revision: revisionName(side.revision), message }));
}

/** What the gates of one side say of its values; with no side before, only what needs none is decided. */
export function holdToGates(before: RevisionValues | null, after: RevisionValues): GateResult[] {
  return evaluateGates(after.gates, (metric) => ({
    before: before === null ? undefined : numberOf(before.files, metric),
    after: numberOf(after.files, metric),
  }));
}

function numberOf(files: readonly FileValues[], metric: string): number | undefined {
  const file = fileOf(metric);
  const found = files.find((one) => one.file === file);
  const name = metric.slice(file.length + 1);
  const value = found !== undefined && Object.hasOwn(found.values, name) ? found.values[name] : undefined;
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}
